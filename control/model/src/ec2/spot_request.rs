//! Spot Instance requests. Each is fulfilled at once, at any price, by one instance, which is interrupted when an operator orders it
//! ("Spot Instance interruptions", EC2's guide).

use crate::collection::resource;
use crate::words::words;
use crate::{
    Caller, IdKind, Instance, InstanceState, LaunchForm, Model, Resource, Result, Row, Scope, Tags, Time, tags,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The time from the interruption notice to the interruption.
pub const INTERRUPTION_NOTICE: Duration = Duration::from_secs(120);

words! {
    /// The interruption behavior.
    Interruption { Terminate "terminate", Stop "stop", Hibernate "hibernate" }
}

/// The terms of a Spot request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpotTerms {
    /// The maximum price in an hour. The default is AWS's limit.
    pub price: Option<String>,
    /// Whether it is persistent. The platform fulfils every request only once.
    pub persistent: bool,
    /// The interruption behavior.
    pub interruption: Interruption,
    /// The start of its validity.
    #[serde(default)]
    pub from: Option<Time>,
    /// The end of its validity.
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
    /// The terms with this maximum price. Empty for the default.
    pub fn at(price: String) -> SpotTerms {
        SpotTerms { price: Some(price).filter(|price| !price.is_empty()), ..SpotTerms::default() }
    }
}

/// An interruption and its notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterruptionNotice {
    /// The time of the notice.
    pub since: Time,
    /// The planned time of the interruption.
    pub due: Time,
    /// The time of the interruption.
    pub ended: Option<Time>,
}

/// Why an instance cannot be interrupted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoInterruption {
    /// It is not a Spot Instance.
    #[error("{0} is no Spot instance; only those are interrupted: terminate or stop it")]
    NoSpot(String),
    /// It does not run.
    #[error("{0} does not run, so that nothing interrupts it")]
    Halted(String),
    /// It has its interruption notice already.
    #[error("{0} is interrupted at {1}, which it has been told already")]
    Told(String, Time),
}

/// A fulfilled request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpotRequest {
    /// `sir-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The time of its creation.
    pub created: Time,
    /// Its terms, without its tags.
    pub terms: SpotTerms,
    /// Whether it was cancelled. Its instance runs on.
    pub cancelled: bool,
    /// The instance.
    pub instance: String,
    /// Its last interruption.
    #[serde(default)]
    pub interruption: Option<InterruptionNotice>,
    /// The launch specification as it was sent.
    #[serde(default)]
    pub specification: LaunchForm,
}

resource!(SpotRequest, IdKind::SpotInstancesRequest, |request| vec![request.instance.clone()]);

/// The state of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpotState {
    /// The state: `active`, for example.
    pub state: &'static str,
    /// The status code.
    pub code: &'static str,
    /// The code in words.
    pub message: &'static str,
}

impl SpotRequest {
    /// Its state, which follows from its instance's.
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

    /// Whether an interruption has ended the instance.
    fn has_interrupted(&self, instance: &Instance) -> bool {
        let ended = self.interruption.and_then(|notice| notice.ended);
        !instance.is_on() && ended.is_some() && instance.halted == ended
    }

    /// The future interruption of which its instance has notice.
    pub fn notice(&self) -> Option<InterruptionNotice> {
        self.interruption.filter(|notice| notice.ended.is_none())
    }
}

impl Model {
    /// Adds the requests of the instances of a reservation.
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

    /// The request of an instance, if it is a Spot Instance.
    pub fn spot_request_of(&self, instance: &Instance) -> Option<&SpotRequest> {
        let requests = instance.spot.then(|| self.spot_requests.by(instance.id()));
        requests?.find(|request| request.scope == *instance.scope())
    }

    /// Has an instance interrupted, after the notice that it gets; one that hibernates gets none. Returns the time.
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

    /// The time of the next interruption.
    pub fn interruptions_due(&self) -> Option<Time> {
        self.spot_requests.iter().filter_map(|request| Some(request.notice()?.due)).min()
    }

    /// Carries out due interruptions. An instance that does not run is left as it is.
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
                // An instance that a user stopped or terminated before was not interrupted.
                let ended = |notice: InterruptionNotice| InterruptionNotice { ended: Some(now), ..notice };
                request.interruption = request.interruption.filter(|_| is_on).map(ended);
            }
        }
        Ok(())
    }

    /// Whether an interruption has ended an instance.
    pub fn is_interrupted(&self, instance: &Instance) -> bool {
        self.spot_request_of(instance).is_some_and(|request| request.has_interrupted(instance))
    }

    /// Removes the requests of instances that are no longer described.
    pub(crate) fn forget_spot_requests(&mut self) {
        let instances = &self.instances;
        self.spot_requests.remove_where(|request| instances.get(&request.instance).is_none());
    }
}
