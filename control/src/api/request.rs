//! One request: its service and action, its sender, and the dialect of its answer.

use super::action::{Change, Entry, Handler, Outcome, Then, View};
use super::authentication::{NotAuthenticated, authenticate};
use super::permission::{self, Asked};
use super::protocol::{ApiError, Dialect, Reply, RequestError, Success, json, rest_xml};
use super::service::Service;
use super::services::Hints;
use super::signature::{AuthenticationError, Signature, Signed};
use super::{Credentials, Params, Sender, image_alias, partition};
use crate::last_uses::LastUses;
use crate::link::Promise;
use model::iam::LastUse;
use model::{Caller, Model, Region, Scope, Time};
use std::sync::Arc;

/// Parameters that only sign a request, by signature version 4 or 2.
const SIGNING: [&str; 10] = [
    "X-Amz-Algorithm",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
    "Signature",
    "SignatureMethod",
    "SignatureVersion",
    "Timestamp",
    "Expires",
];

/// The actions of IAM that tell when keys and roles were last used.
const TELL_USES: [&str; 6] = [
    "GetAccessKeyLastUsed",
    "GetAccountAuthorizationDetails",
    "GetCredentialReport",
    "GetRole",
    "GetServiceLastAccessedDetails",
    "GetServiceLastAccessedDetailsWithEntities",
];

/// The parts of an HTTP request that say what it asks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Call<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The path of its URL.
    pub path: &'a str,
    /// The query of its URL.
    pub query: &'a str,
    /// Form-encoded parameters, from the query and from the body.
    pub form: &'a str,
    /// The body, for services that take a document.
    pub body: &'a str,
    /// The header `Authorization`.
    pub authorization: Option<&'a str>,
    /// The header `X-Amz-Security-Token`.
    pub token: Option<&'a str>,
    /// The header `X-Amz-Target`.
    pub target: Option<&'a str>,
    /// The signed parts, if signatures are checked.
    pub signed: Option<Signed<'a>>,
}

/// Where a request comes from. Its sender is not yet authenticated.
enum Origin {
    /// A client, with the proof of its credentials where signatures are checked.
    Client { credentials: Credentials, proof: Option<Result<Signature, AuthenticationError>> },
    /// This process, for an account itself.
    Process(Scope),
}

impl Origin {
    /// The partition of the Region that the request is for.
    fn partition(&self) -> &'static str {
        let region = match self {
            Origin::Client { credentials, .. } => credentials.region(),
            Origin::Process(scope) => scope.region.as_str(),
        };
        Region::named(region).map_or(partition::KEPT, Region::partition)
    }
}

/// A request whose parameters are not read yet.
pub struct Request {
    /// The action.
    pub action: String,
    /// The sender's address and client.
    pub sender: Sender,
    origin: Origin,
    /// The partition of the request's Region, in which ARNs are told.
    partition: &'static str,
    now: Time,
    service: &'static Service,
    /// The dialect of the answer.
    dialect: Dialect,
    version: String,
    params: Params,
    entry: &'static Entry,
    /// The change that follows from a search in a copy of the model.
    then: Option<Then>,
    /// Where the use of the sender's key is noted.
    last_uses: Option<Arc<LastUses>>,
}

impl Request {
    /// Reads a request.
    ///
    /// # Errors
    /// The reply that refuses it, in its client's dialect.
    pub fn parse(call: &Call<'_>, now: Time) -> Result<Request, Reply> {
        // A document is not form-encoded.
        let is_document = shapes::has_path(call.path) || call.target.is_some();
        let parsed = Params::parse(if is_document { call.query } else { call.form });
        let mut params = parsed.map_err(|error| Dialect::Ec2.error(&error))?;
        let proof = call.signed.map(|signed| Signature::of(&signed, &params));
        let credentials = Credentials::of(call.authorization, call.token, &mut params);
        params.ignore(&SIGNING);
        let signed_for = credentials.service.clone();
        Self::of(Origin::Client { credentials, proof }, signed_for.as_deref(), call, params, now)
    }

    /// A request to EC2 that this process makes for an account. It needs no signature, and a client's request never
    /// becomes one.
    ///
    /// # Errors
    /// The reply that refuses it.
    pub fn of_process(scope: &Scope, form: &str, now: Time) -> Result<Request, Reply> {
        Self::of_process_for("ec2", scope, form, now)
    }

    /// A request to another service that this process makes for an account. `service` is its name in signatures.
    ///
    /// # Errors
    /// The reply that refuses it.
    pub fn of_process_for(service: &str, scope: &Scope, form: &str, now: Time) -> Result<Request, Reply> {
        let params = Params::parse(form).map_err(|error| Dialect::Ec2.error(&error))?;
        let call = Call { path: "/", form, ..Call::default() };
        Self::of(Origin::Process(scope.clone()), Some(service), &call, params, now)
    }

    /// A question of the process to a service whose actions have paths.
    ///
    /// # Errors
    /// The reply that refuses it.
    pub fn of_process_at(
        service: &str,
        scope: &Scope,
        (path, query): (&str, &str),
        now: Time,
    ) -> Result<Request, Reply> {
        let call = Call { method: "GET", path, query, ..Call::default() };
        Self::of_process_call(service, scope, &call, now)
    }

    /// A call of the process to a service that takes paths or documents.
    ///
    /// # Errors
    /// The reply that refuses it.
    pub fn of_process_call(service: &str, scope: &Scope, call: &Call<'_>, now: Time) -> Result<Request, Reply> {
        let params = Params::parse(call.query).map_err(|error| Dialect::Ec2.error(&error))?;
        Self::of(Origin::Process(scope.clone()), Some(service), call, params, now)
    }

    fn of(
        origin: Origin,
        signed_for: Option<&str>,
        call: &Call<'_>,
        mut params: Params,
        now: Time,
    ) -> Result<Request, Reply> {
        let (action, version) = (params.text("Action"), params.text("Version"));
        let hints = Hints {
            signed_for,
            target: call.target,
            action: action.as_deref(),
            version: version.as_deref(),
            path: call.path,
        };
        let wants_json = params.value("ContentType") == Some("JSON");
        let asked = |dialect| if dialect == Dialect::Query && wants_json { Dialect::QueryInJson } else { dialect };
        let service = hints.service().map_err(|(error, dialect)| asked(dialect).error(&error))?;
        let dialect = asked(service.dialect);
        if service.dialect == Dialect::Query {
            params.ignore(&["ContentType"]);
        }
        let refuse = |error: &dyn ApiError| dialect.error(error);
        let (action, version, mut params) = match dialect {
            Dialect::RestXml => {
                let read = rest_xml::read(service.facts.routes, (call.method, call.path), params, call.body);
                let (action, params) = read.map_err(|error| refuse(&error))?;
                (Some(action.to_owned()), None, params)
            }
            Dialect::Json => {
                let (action, params) = json::read(call.target, call.body).map_err(|error| refuse(&error))?;
                (Some(action), None, params)
            }
            _ => (action, version, params),
        };
        let action = action.ok_or_else(|| refuse(&RequestError::NoAction))?;
        let version = version.unwrap_or_else(|| service.facts.version.to_owned());
        let entry = find(service, &action, &version).map_err(|error| refuse(&error))?;
        let sender = Sender::default();
        let partition = origin.partition();
        partition::read(&mut params, partition);
        if action == "RunInstances" {
            image_alias::read(&mut params);
        }
        Ok(Request {
            action,
            sender,
            origin,
            partition,
            now,
            service,
            dialect,
            version,
            params,
            entry,
            then: None,
            last_uses: None,
        })
    }

    /// The dialect of the answer.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Whether the reply tells when keys and roles were last used.
    pub fn tells_uses(&self) -> bool {
        self.service.facts.signing == "iam" && TELL_USES.contains(&self.action.as_str())
    }

    /// Says where the use of the sender's key is noted.
    pub fn note_use_in(&mut self, last_uses: Arc<LastUses>) {
        self.last_uses = Some(last_uses);
    }

    /// Whether the request may change the model.
    pub fn writes(&self) -> bool {
        !matches!(self.entry.handler, Handler::Read(_))
    }

    /// Whether the action searches for long before it changes anything. [`Request::search`] does that in a copy of the
    /// model.
    pub fn searches(&self) -> bool {
        matches!(self.entry.handler, Handler::Search(_))
    }

    /// Searches in a copy of the model, so that changes do not wait. [`Request::write`] reports errors.
    pub fn search(&mut self, model: &Model) {
        let Handler::Search(look) = &self.entry.handler else { return };
        let Ok(caller) = self.caller(model) else { return };
        if self.permit(model, &caller).is_ok() {
            self.then = look(View { model, caller: &caller }, self.params.clone()).ok();
        }
    }

    /// The reply's promise. Actions that switch instances on or off promise only that the change has begun.
    pub fn promise(&self) -> Promise {
        match self.action.as_str() {
            "RunInstances" | "StartInstances" | "StopInstances" | "RebootInstances" | "TerminateInstances" => {
                Promise::Begun
            }
            _ => Promise::InForce,
        }
    }

    /// Slow work that needs no model. It is done before the model is locked.
    pub fn preparation(&self) -> Option<fn()> {
        let asks_ec2 = self.service.facts.signing == "ec2";
        super::ec2::preparation(&self.action, &self.params).filter(|_| asks_ec2)
    }

    /// Carries out a request that only reads ([`Request::writes`] says which).
    ///
    /// # Errors
    /// The reply that refuses it.
    pub fn read(self, model: &Model) -> Result<Reply, Reply> {
        let partition = self.partition;
        let tell = |reply| partition::tell(reply, partition);
        self.read_kept(model).map(tell).map_err(tell)
    }

    fn read_kept(mut self, model: &Model) -> Result<Reply, Reply> {
        let caller = self.caller(model)?;
        match &self.entry.handler {
            Handler::Read(look) if !model.lacks_defaults(&caller.scope) => {
                self.permit(model, &caller)?;
                let outcome = look(View { model, caller: &caller }, std::mem::take(&mut self.params));
                self.answer(outcome)
            }
            // A new account sees what its first change would create, in a copy that shares the rest.
            _ => self.write_as(&caller, &mut model.clone()),
        }
    }

    /// Carries out any request. After an error nothing has changed since the last [`Model::take_changes`].
    ///
    /// # Errors
    /// The reply that refuses it.
    pub fn write(self, model: &mut Model) -> Result<Reply, Reply> {
        let partition = self.partition;
        let tell = |reply| partition::tell(reply, partition);
        self.write_kept(model).map(tell).map_err(tell)
    }

    fn write_kept(self, model: &mut Model) -> Result<Reply, Reply> {
        let caller = self.caller(model)?;
        self.write_as(&caller, model)
    }

    fn write_as(mut self, caller: &Caller, model: &mut Model) -> Result<Reply, Reply> {
        let mut change = || {
            model.ensure_defaults(caller).map_err(|error| self.dialect.error(&error))?;
            self.permit(model, caller)?;
            let params = std::mem::take(&mut self.params);
            let outcome = match &self.entry.handler {
                Handler::Read(look) => look(View { model, caller }, params),
                Handler::Write(change) => change(Change { model, caller }, params),
                Handler::Relay(change) => change(Change { model, caller }, &self.sender, params),
                Handler::Search(look) => match self.then.take() {
                    Some(then) => then(Change { model, caller }),
                    None => look(View { model, caller }, params).and_then(|then| then(Change { model, caller })),
                },
            };
            self.answer(outcome)
        };
        change().inspect_err(|_| model.undo())
    }

    /// The sender.
    fn caller(&self, model: &Model) -> Result<Caller, Reply> {
        let dialect = self.dialect;
        match &self.origin {
            Origin::Process(scope) => Ok(Caller::of_account(scope.clone(), self.now)),
            Origin::Client { credentials, proof } => {
                let caller = authenticate(model, credentials, proof.as_ref().map(Result::as_ref), self.now);
                let caller = caller.map_err(|why| dialect.error(&NotAuthenticated { why, dialect }))?;
                self.note_use(model, credentials, &caller);
                Ok(caller)
            }
        }
    }

    /// Notes the use of a key, and of a user or role, whether or not policies allow the action.
    fn note_use(&self, model: &Model, credentials: &Credentials, caller: &Caller) {
        let Some(last_uses) = &self.last_uses else { return };
        let key = credentials.access_key.as_deref().filter(|key| model.access_keys.get(key).is_some());
        let identity = caller.principal.identity(model, &caller.scope.account).map(|one| one.named.unique_id.as_str());
        for of in key.into_iter().chain(identity) {
            let one = LastUse::new(of, self.service.facts.in_policies, &caller.scope.region, caller.now);
            // Of many uses in a second, one is stored.
            if model.last_uses.get(&one.id) != Some(&one) {
                last_uses.note(one);
            }
        }
    }

    /// The reply to a request that was carried out or refused.
    fn answer(&self, outcome: Outcome) -> Result<Reply, Reply> {
        let Request { action, version, dialect, service, .. } = self;
        let members = outcome.map_err(|error| dialect.error(error.as_ref()))?;
        let members = match (members, dialect.json()) {
            (Some(xml), Some(form)) => Some(self.entry.json(&xml, form).map_err(|error| dialect.error(&error))?),
            (members, _) => members,
        };
        let (namespace, status) = (service.facts.namespace, service.facts.status_of(action));
        Ok(dialect.reply(&Success { action, version, namespace, status, members }))
    }

    /// Checks that policies allow the sender the action. EC2 reports a missing or malformed parameter before that.
    fn permit(&self, model: &Model, caller: &Caller) -> Result<(), Reply> {
        let Request { action, sender, params, service, .. } = self;
        let asked = Asked { service: service.facts.in_policies, dialect: self.dialect, action, params, sender };
        permission::check(model, caller, &asked).map_err(|denied| {
            let faults_come_first = service.facts.signing == "ec2";
            let fault = faults_come_first.then(|| self.entry.fault(params.clone())).flatten();
            fault.map_or_else(|| self.dialect.error(&denied), |fault| self.dialect.error(&*fault))
        })
    }
}

/// The service's action of that name, in that version.
fn find(service: &'static Service, action: &str, version: &str) -> Result<&'static Entry, RequestError> {
    let action = action.to_owned();
    if !service.serves(version) {
        return Err(RequestError::BadVersion { action, version: version.to_owned() });
    }
    match service.actions.get(&action) {
        Some(entry) => Ok(entry),
        None if service.facts.lacks.binary_search(&action.as_str()).is_ok() => {
            Err(RequestError::UnsupportedAction { action })
        }
        None => Err(RequestError::UnknownAction { action }),
    }
}
