//! Traffic mirror sessions. No packet is mirrored.

use crate::collection::resource;
use crate::{Caller, Error, IdKind, Model, Result, Scope, Tags, tags};
use serde::{Deserialize, Serialize};

/// The settings of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MirrorSession {
    /// The target.
    pub target: String,
    /// The filter.
    pub filter: String,
    /// How many bytes of each packet are mirrored. By default all are.
    pub length: Option<u32>,
    /// Its number among the sessions of an interface. The lowest one that accepts a packet mirrors it.
    pub number: u32,
    /// The identifier in the VXLAN header.
    pub network: u32,
    /// Its description.
    pub description: Option<String>,
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrafficMirrorSession {
    /// `tms-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The source interface.
    pub interface: String,
    /// Its settings.
    pub session: MirrorSession,
}

resource!(TrafficMirrorSession, IdKind::TrafficMirrorSession, |row| {
    vec![row.interface.clone(), row.session.target.clone(), row.session.filter.clone()]
});

impl Model {
    /// CreateTrafficMirrorSession. Returns the id.
    pub fn create_mirror_session(
        &mut self,
        caller: &Caller,
        interface: &str,
        session: MirrorSession,
        tags: Tags,
    ) -> Result<String> {
        self.network_interfaces.find(&caller.scope, interface)?;
        tags::check(&tags)?;
        let id = self.new_id(IdKind::TrafficMirrorSession);
        let (scope, interface) = (caller.scope.clone(), interface.to_owned());
        self.insert_mirror_session(caller, TrafficMirrorSession { id: id.clone(), scope, tags, interface, session })?;
        Ok(id)
    }

    /// ModifyTrafficMirrorSession.
    pub fn modify_mirror_session(&mut self, caller: &Caller, id: &str, session: MirrorSession) -> Result<()> {
        let row = self.mirror_sessions.find(&caller.scope, id)?.clone();
        self.insert_mirror_session(caller, TrafficMirrorSession { session, ..row })
    }

    /// DeleteTrafficMirrorSession.
    pub fn delete_mirror_session(&mut self, caller: &Caller, id: &str) -> Result<()> {
        self.mirror_sessions.find(&caller.scope, id)?;
        self.mirror_sessions.remove(id);
        Ok(())
    }

    /// Removes the sessions of deleted interfaces.
    pub(crate) fn forget_mirror_sessions(&mut self) {
        let interfaces = &self.network_interfaces;
        self.mirror_sessions.remove_where(|row| interfaces.get(&row.interface).is_none());
    }

    /// Adds a session. What it names must exist, and its number must be unique at the interface.
    fn insert_mirror_session(&mut self, caller: &Caller, row: TrafficMirrorSession) -> Result<()> {
        self.mirror_targets.find(&caller.scope, &row.session.target)?;
        self.mirror_filters.find(&caller.scope, &row.session.filter)?;
        let number = row.session.number;
        let is_taken = |other: &TrafficMirrorSession| other.id != row.id && other.session.number == number;
        if self.mirror_sessions.by(&row.interface).any(is_taken) {
            return Err(Error::MirrorSessionNumber { number, interface: row.interface });
        }
        self.mirror_sessions.insert(row);
        Ok(())
    }
}
