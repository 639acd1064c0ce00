//! Spot requests: each stands for one instance, which it gets at once and at any price, and which is interrupted when an operator says
//! so ("Spot Instance interruptions", EC2's guide).

use crate::collection::resource;
use crate::words::words;
use crate::{
    Caller, IdKind, Instance, InstanceState, LaunchForm, Model, Resource, Result, Row, Scope, Tags, Time, tags,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long before its end an instance is told of its interruption.
pub const INTERRUPTION_NOTICE: Duration = Duration::from_secs(120);

words! {
    /// What an interruption does to a Spot instance.
    Interruption { Terminate "terminate", Stop "stop", Hibernate "hibernate" }
}

/// On what terms Spot instances are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpotTerms {
    /// The most that is paid an hour, in words; AWS's own limit otherwise.
    pub price: Option<String>,
    /// Whether AWS would fulfil it again and again. Here the first instance is the last one.
    pub persistent: bool,
    /// What an interruption would do.
    pub interruption: Interruption,
    /// From when on instances are wanted.
    #[serde(default)]
    pub from: Option<Time>,
    /// Until when.
    #[serde(default)]
    pub until: Option<Time>,
    /// The group whose instances begin and end together.
    #[serde(default)]
    pub launch_group: Option<String>,
    /// The group whose instances are in one Availability Zone.
    #[serde(default)]
    pub zone_group: Option<String>,
    /// The tags of the requests.
    pub tags: Tags,
}

impl SpotTerms {
    /// For so much an hour at most; an empty price says nothing.
    pub fn at(price: String) -> SpotTerms {
        SpotTerms { price: Some(price).filter(|price| !price.is_empty()), ..SpotTerms::default() }
    }
}

/// An interruption: when the instance is told of it, and when it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterruptionNotice {
    /// Since when the instance can know.
    pub since: Time,
    /// When it is to be interrupted.
    pub due: Time,
    /// When it was.
    pub ended: Option<Time>,
}

/// Why an instance is not interrupted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoInterruption {
    /// It is no Spot instance.
    #[error("{0} is no Spot instance; only those are interrupted: terminate or stop it")]
    NoSpot(String),
    /// It does not run.
    #[error("{0} does not run, so that nothing interrupts it")]
    Halted(String),
    /// It will be.
    #[error("{0} is interrupted at {1}, which it has been told already")]
    Told(String, Time),
}

/// A request that has been fulfilled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpotRequest {
    /// `sir-…`
    pub id: String,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Since when.
    pub created: Time,
    /// What was asked for, its tags apart.
    pub terms: SpotTerms,
    /// Whether it was cancelled; its instance goes on.
    pub cancelled: bool,
    /// The instance.
    pub instance: String,
    /// Its last interruption.
    #[serde(default)]
    pub interruption: Option<InterruptionNotice>,
    /// What was to be launched, as it was sent.
    #[serde(default)]
    pub specification: LaunchForm,
}

resource!(SpotRequest, IdKind::SpotInstancesRequest, |request| vec![request.instance.clone()]);

/// How far a request is, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpotState {
    /// The state: `active`, say.
    pub state: &'static str,
    /// The status code.
    pub code: &'static str,
    /// The code in words.
    pub message: &'static str,
}

impl SpotRequest {
    /// How far it is, by what has become of its instance.
    pub fn state(&self, instance: Option<&Instance>) -> SpotState {
        let lives = instance.is_some_and(|instance| !instance.is_gone());
        let runs = instance.is_some_and(Instance::is_on);
        let interrupted = instance.is_some_and(|instance| self.has_interrupted(instance));
        let is_told = self.notice().is_some();
        let terminates = self.terms.interruption == Interruption::Terminate;
        let (state, code, message) = match (self.cancelled, lives) {
            (_, true) if is_told && runs && terminates => (
                "active",
                "marked-for-termination",
                "Your Spot Instance is marked for termination because there is no available Spot capacity.",
            ),
            (_, true) if is_told && runs => (
                "active",
                "marked-for-stop",
                "Your Spot Instance is marked for stop because there is no available Spot capacity.",
            ),
            (true, true) => (
                "cancelled",
                "request-canceled-and-instance-running",
                "Your Spot request is canceled, but your instance is still running.",
            ),
            (false, false) if interrupted && terminates => (
                "closed",
                "instance-terminated-no-capacity",
                "Your Spot instance was terminated because there is no available Spot capacity.",
            ),
            (cancelled, false) => (
                if cancelled { "cancelled" } else { "closed" },
                "instance-terminated-by-user",
                "Your Spot instance was terminated by you.",
            ),
            (false, true) if !runs && interrupted => (
                "disabled",
                "instance-stopped-no-capacity",
                "Your Spot instance was stopped because there is no available Spot capacity.",
            ),
            (false, true) if !runs => {
                ("disabled", "instance-stopped-by-user", "Your Spot instance was stopped by you.")
            }
            (false, true) => ("active", "fulfilled", "Your Spot request is fulfilled."),
        };
        SpotState { state, code, message }
    }

    /// Whether it was its interruption that an instance does not run any more.
    fn has_interrupted(&self, instance: &Instance) -> bool {
        let ended = self.interruption.and_then(|notice| notice.ended);
        !instance.is_on() && ended.is_some() && instance.halted == ended
    }

    /// The interruption that its instance is told of: one that is yet to come.
    pub fn notice(&self) -> Option<InterruptionNotice> {
        self.interruption.filter(|notice| notice.ended.is_none())
    }
}

impl Model {
    /// The requests that instances of a reservation come from.
    pub(crate) fn insert_spot_requests(&mut self, caller: &Caller, reservation: &str, terms: &SpotTerms) -> Result<()> {
        tags::check(&terms.tags)?;
        let launched: Vec<String> = self.instances.by(reservation).map(|instance| instance.id.clone()).collect();
        for instance in launched {
            let id = self.new_id(IdKind::SpotInstancesRequest);
            self.spot_requests.insert(SpotRequest {
                id,
                scope: caller.scope.clone(),
                tags: terms.tags.clone(),
                created: caller.now,
                terms: SpotTerms { tags: Tags::new(), ..terms.clone() },
                cancelled: false,
                instance,
                interruption: None,
                specification: LaunchForm::new(),
            });
        }
        Ok(())
    }

    /// Changes the requests of a reservation.
    pub fn change_spot_requests(&mut self, reservation: &str, change: impl Fn(&mut SpotRequest)) {
        let launched = self.instances.by(reservation);
        let requests: Vec<String> =
            launched.filter_map(|instance| Some(self.spot_request_of(instance)?.id.clone())).collect();
        for id in requests {
            if let Some(request) = self.spot_requests.get_mut(&id) {
                change(request);
            }
        }
    }

    /// CancelSpotInstanceRequests, all or none.
    pub fn cancel_spot_requests(&mut self, caller: &Caller, ids: &[String]) -> Result<()> {
        for id in ids {
            self.spot_requests.find_mut(&caller.scope, id)?.cancelled = true;
        }
        Ok(())
    }

    /// The request that an instance comes from, if it is a Spot instance.
    pub fn spot_request_of(&self, instance: &Instance) -> Option<&SpotRequest> {
        let requests = instance.spot.then(|| self.spot_requests.by(instance.id()));
        requests?.find(|request| request.scope == *instance.scope())
    }

    /// Has an instance interrupted, after the notice that it gets; one that hibernates gets none. Answers with the time.
    ///
    /// # Errors
    /// [`NoInterruption`].
    pub fn interrupt(&mut self, instance: &str, now: Time) -> std::result::Result<Time, NoInterruption> {
        let row = self.instances.get(instance).filter(|row| row.spot);
        let request = row.and_then(|row| self.spot_request_of(row));
        let (Some(row), Some(request)) = (row, request) else { return Err(NoInterruption::NoSpot(instance.into())) };
        if !row.is_on() {
            return Err(NoInterruption::Halted(instance.into()));
        }
        if let Some(notice) = request.notice() {
            return Err(NoInterruption::Told(instance.into(), notice.due));
        }
        let due = match request.terms.interruption {
            Interruption::Hibernate => now,
            Interruption::Terminate | Interruption::Stop => now.after(INTERRUPTION_NOTICE),
        };
        let id = request.id.clone();
        if let Some(request) = self.spot_requests.get_mut(&id) {
            request.interruption = Some(InterruptionNotice { since: now, due, ended: None });
        }
        Ok(due)
    }

    /// When the next interruption comes.
    pub fn interruptions_due(&self) -> Option<Time> {
        self.spot_requests.iter().filter_map(|request| Some(request.notice()?.due)).min()
    }

    /// Interrupts the instances whose time has come. One that is halted already is left as it is.
    pub fn carry_out_interruptions(&mut self, now: Time) -> Result<()> {
        let is_due = |request: &&SpotRequest| request.notice().is_some_and(|notice| notice.due <= now);
        let due: Vec<SpotRequest> = self.spot_requests.iter().filter(is_due).cloned().collect();
        for SpotRequest { id, scope, instance, terms, .. } in due {
            let is_on = self.instances.get(&instance).is_some_and(Instance::is_on);
            if is_on {
                let caller = Caller::of_account(scope, now);
                match terms.interruption {
                    Interruption::Terminate => self.end_instance(&caller, &instance)?,
                    Interruption::Stop | Interruption::Hibernate => {
                        self.halt(&caller, &instance, InstanceState::Stopping)?;
                    }
                }
            }
            if let Some(request) = self.spot_requests.get_mut(&id) {
                // What a user has halted before, the user has halted.
                let ended = |notice: InterruptionNotice| InterruptionNotice { ended: Some(now), ..notice };
                request.interruption = request.interruption.filter(|_| is_on).map(ended);
            }
        }
        Ok(())
    }

    /// Whether it was an interruption that an instance does not run any more.
    pub fn is_interrupted(&self, instance: &Instance) -> bool {
        self.spot_request_of(instance).is_some_and(|request| request.has_interrupted(instance))
    }

    /// Takes out the requests of instances that are forgotten.
    pub(crate) fn forget_spot_requests(&mut self) {
        let instances = &self.instances;
        self.spot_requests.remove_where(|request| instances.get(&request.instance).is_none());
    }
}
