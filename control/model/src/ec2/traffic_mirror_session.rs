//! Sessions of traffic mirroring: whose packets go where. They are kept and shown; no packet is copied.

use crate::collection::resource;
use crate::{Caller, Error, IdKind, Model, Result, Scope, Tags, tags};
use serde::{Deserialize, Serialize};

/// What a session mirrors, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MirrorSession {
    /// The target that gets the packets.
    pub target: String,
    /// The filter that says which.
    pub filter: String,
    /// How many bytes of each; all without it.
    pub length: Option<u32>,
    /// Its place among the sessions of an interface: the first that takes a packet has it.
    pub number: u32,
    /// The identifier in the VXLAN header.
    pub network: u32,
    /// A user's words on it.
    pub description: Option<String>,
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrafficMirrorSession {
    /// `tms-…`
    pub id: String,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The interface whose packets it mirrors.
    pub interface: String,
    /// What is done with them.
    pub session: MirrorSession,
}

resource!(TrafficMirrorSession, IdKind::TrafficMirrorSession, |row| {
    vec![row.interface.clone(), row.session.target.clone(), row.session.filter.clone()]
});

impl Model {
    /// CreateTrafficMirrorSession. Answers with the id.
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

    /// Takes out the sessions of interfaces that are gone.
    pub(crate) fn forget_mirror_sessions(&mut self) {
        let interfaces = &self.network_interfaces;
        self.mirror_sessions.remove_where(|row| interfaces.get(&row.interface).is_none());
    }

    /// What a session names must be there, and a number stands once at an interface.
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
