//! Spot requests: each stands for one instance, which it gets at once and at any price.

use crate::collection::resource;
use crate::words::words;
use crate::{Caller, IdKind, Instance, Model, Resource, Result, Row, Scope, Tags, Time, tags};
use serde::{Deserialize, Serialize};

words! {
    /// What a Spot instance is interrupted by, which never happens here.
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
    /// The tags of the requests.
    pub tags: Tags,
}

impl SpotTerms {
    /// For so much an hour at most; an empty price says nothing.
    pub fn at(price: String) -> SpotTerms {
        SpotTerms { price: Some(price).filter(|price| !price.is_empty()), ..SpotTerms::default() }
    }
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
        let (state, code, message) = match (self.cancelled, lives) {
            (true, true) => (
                "cancelled",
                "request-canceled-and-instance-running",
                "Your Spot request is canceled, but your instance is still running.",
            ),
            (cancelled, false) => (
                if cancelled { "cancelled" } else { "closed" },
                "instance-terminated-by-user",
                "Your Spot instance was terminated by you.",
            ),
            (false, true) if !runs => {
                ("disabled", "instance-stopped-by-user", "Your Spot instance was stopped by you.")
            }
            (false, true) => ("active", "fulfilled", "Your Spot request is fulfilled."),
        };
        SpotState { state, code, message }
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
            });
        }
        Ok(())
    }

    /// CancelSpotInstanceRequests, all or none.
    pub fn cancel_spot_requests(&mut self, caller: &Caller, ids: &[String]) -> Result<()> {
        for id in ids {
            self.spot_requests.find_mut(&caller.scope, id)?.cancelled = true;
        }
        Ok(())
    }

    /// The request that an instance comes from.
    pub fn spot_request_of(&self, instance: &Instance) -> Option<&SpotRequest> {
        self.spot_requests.by(instance.id()).find(|request| request.scope == *instance.scope())
    }

    /// Takes out the requests of instances that are forgotten.
    pub(crate) fn forget_spot_requests(&mut self) {
        let instances = &self.instances;
        self.spot_requests.remove_where(|request| instances.get(&request.instance).is_none());
    }
}
