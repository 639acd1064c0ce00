//! Targets: which are in service, which is next, and how long connections to the others may continue.

use super::configuration::{Health, HealthCheck, Report, TargetAddress, Verdict};
use super::health::{Judge, try_once};
use sha1::{Digest, Sha1};
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// A target.
#[derive(Debug)]
pub struct Target {
    /// The instance.
    pub id: String,
    /// Its address.
    pub address: Ipv4Addr,
    /// Its name in cookies, which does not reveal the instance.
    pub cookie: String,
    judge: Mutex<Judge>,
    /// The number of its outstanding connections or requests.
    outstanding: AtomicUsize,
    /// When its connections must end, after it was taken out of service.
    end: watch::Sender<Option<Instant>>,
    /// How long they may continue then.
    draining: Mutex<Duration>,
}

impl Target {
    fn new(place: &TargetAddress, draining: Duration) -> Target {
        Target {
            id: place.id.clone(),
            address: place.address,
            cookie: data_encoding::HEXUPPER.encode(&Sha1::digest(place.id.as_bytes())),
            judge: Mutex::default(),
            outstanding: AtomicUsize::new(0),
            end: watch::Sender::new(None),
            draining: Mutex::new(draining),
        }
    }

    /// Its health.
    pub fn health(&self) -> Health {
        self.judge_mut().health().clone()
    }

    fn is_in_service(&self) -> bool {
        self.judge_mut().health().verdict == Verdict::InService
    }

    fn judge_mut(&self) -> MutexGuard<'_, Judge> {
        self.judge.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a check's result. Returns whether the target's health has changed.
    pub fn judge(&self, check: &HealthCheck, failure: Option<String>) -> bool {
        let mut judge = self.judge_mut();
        let before = judge.health().clone();
        judge.note(check, failure);
        match (before.verdict, judge.health().verdict) {
            (Verdict::InService, Verdict::Failing) => self.dismiss(),
            (before, Verdict::InService) if before != Verdict::InService => drop(self.end.send_replace(None)),
            _ => {}
        }
        before != *judge.health()
    }

    /// Gives its connections a deadline, because it is out of service.
    fn dismiss(&self) {
        let draining = *self.draining.lock().unwrap_or_else(PoisonError::into_inner);
        self.end.send_replace(Some(Instant::now() + draining));
    }

    /// Begins a connection or request with the target.
    pub fn begin(self: &Arc<Self>) -> Exchange {
        self.outstanding.fetch_add(1, Ordering::Relaxed);
        Exchange(self.clone())
    }
}

/// A connection or request with a target, until it is dropped.
#[derive(Debug)]
pub struct Exchange(Arc<Target>);

impl Exchange {
    /// Returns when it must end because its target is out of service.
    pub async fn dismissed(&self) {
        let mut end = self.0.end.subscribe();
        loop {
            let deadline = *end.borrow_and_update();
            let ended = async {
                match deadline {
                    Some(deadline) => sleep_until(deadline).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = ended => return,
                // The target, which sends this, is owned here.
                _ = end.changed() => {}
            }
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.0.outstanding.fetch_sub(1, Ordering::Relaxed);
    }
}

/// All targets of a balancer.
#[derive(Debug)]
pub struct Targets {
    members: RwLock<Vec<Member>>,
    /// The number of turns so far, for the round robin.
    turn: AtomicUsize,
    checks: watch::Sender<HealthCheck>,
    news: watch::Sender<()>,
}

#[derive(Debug)]
struct Member {
    target: Arc<Target>,
    /// The task that checks the target's health. It ends when this is dropped.
    _checks: JoinSet<()>,
}

impl Targets {
    /// No targets.
    pub fn new(check: HealthCheck) -> Targets {
        let (checks, news) = (watch::Sender::new(check), watch::Sender::new(()));
        Targets { members: RwLock::default(), turn: AtomicUsize::new(0), checks, news }
    }

    /// Wakes its receiver when the [report](Targets::report) changes.
    pub fn news(&self) -> watch::Receiver<()> {
        self.news.subscribe()
    }

    /// The health of all targets.
    pub fn report(&self) -> Report {
        self.all().iter().map(|target| (target.id.clone(), target.health())).collect()
    }

    /// Replaces the targets. Targets that stay keep their health. Connections to removed ones may continue for `draining`.
    pub fn update(&self, places: &[TargetAddress], check: HealthCheck, draining: Duration) {
        self.checks.send_if_modified(|old| std::mem::replace(old, check.clone()) != check);
        let mut members = self.members.write().unwrap_or_else(PoisonError::into_inner);
        let is = |target: &Target, place: &TargetAddress| target.id == place.id && target.address == place.address;
        let gone = members.extract_if(.., |member| !places.iter().any(|place| is(&member.target, place)));
        gone.for_each(|member| member.target.dismiss());
        for member in members.iter() {
            *member.target.draining.lock().unwrap_or_else(PoisonError::into_inner) = draining;
        }
        for place in places {
            if !members.iter().any(|member| is(&member.target, place)) {
                members.push(self.watched(Target::new(place, draining)));
            }
        }
        self.news.send_replace(());
    }

    fn watched(&self, target: Target) -> Member {
        let (target, mut checks) = (Arc::new(target), JoinSet::new());
        checks.spawn(watch_over(target.clone(), self.checks.subscribe(), self.news.clone()));
        Member { target, _checks: checks }
    }

    fn all(&self) -> Vec<Arc<Target>> {
        let members = self.members.read().unwrap_or_else(PoisonError::into_inner);
        members.iter().map(|member| member.target.clone()).collect()
    }

    /// The targets in service, in the order of the round robin.
    pub fn in_turn(&self) -> Vec<Arc<Target>> {
        let mut able = self.all();
        able.retain(|target| target.is_in_service());
        if !able.is_empty() {
            let first = self.turn.fetch_add(1, Ordering::Relaxed) % able.len();
            able.rotate_left(first);
        }
        able
    }

    /// The targets in service, those with the fewest outstanding connections or requests first. Equal ones take turns.
    pub fn least_busy(&self) -> Vec<Arc<Target>> {
        let mut able = self.in_turn();
        able.sort_by_cached_key(|target| target.outstanding.load(Ordering::Relaxed));
        able
    }

    /// The target in service that a cookie names.
    pub fn of_cookie(&self, cookie: &str) -> Option<Arc<Target>> {
        self.all().into_iter().find(|target| target.cookie == cookie && target.is_in_service())
    }
}

/// Checks a target at the interval of the current `checks`, and wakes `news` when its health changes. Returns only when
/// there are no checks any more.
async fn watch_over(target: Arc<Target>, mut checks: watch::Receiver<HealthCheck>, news: watch::Sender<()>) {
    loop {
        let check = checks.borrow_and_update().clone();
        let start = Instant::now();
        let outcome = try_once(&check, target.address).await;
        if target.judge(&check, outcome.err().map(|error| error.to_string())) {
            news.send_replace(());
        }
        tokio::select! {
            () = tokio::time::sleep_until(start + check.interval) => {}
            // A changed check begins at once.
            changed = checks.changed() => if changed.is_err() { return },
        }
    }
}
