//! Serves the API of a copy of a cloud to one command, to find out what the command would change.

use crate::api::{Reply, Request};
use crate::server::{self, Cloud, Limits};
use axum::Router;
use model::{Condition, InstanceHost, ManagedNews, Model, Power, Time};
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;
use tokio::net::TcpListener;

/// Why a command cannot be rehearsed.
#[derive(Debug, thiserror::Error)]
pub enum RehearsalError {
    /// The command cannot be started.
    #[error("{command} cannot be run: {error}")]
    Command {
        /// The command.
        command: String,
        /// The system's error.
        error: io::Error,
    },
    /// The command failed.
    #[error("the command failed ({status}), so there is no change to tell of")]
    Failed {
        /// Its exit status.
        status: ExitStatus,
    },
    /// A socket or the runtime failed.
    #[error("the copy cannot be served: {0}")]
    Io(#[from] io::Error),
}

/// A copy of a cloud without hosts. Instances run as soon as they are launched.
pub(crate) struct Rehearsal {
    model: Mutex<Model>,
    requests: AtomicU64,
}

/// The outcome of a command.
#[derive(Debug)]
pub struct Rehearsed {
    /// The cloud after it.
    pub model: Model,
    /// How many requests it has sent.
    pub requests: u64,
}

/// Runs a command on a copy of a cloud. The command's output goes to standard error.
///
/// # Errors
/// [`RehearsalError`].
pub fn rehearse(model: Model, command: &[OsString]) -> Result<Rehearsed, RehearsalError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let signed = model.platform.accounts_known;
    let rehearsal = Arc::new(Rehearsal::new(model));
    let status = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        tokio::select! {
            failed = rehearsal.clone().serve(listener) => {
                Err(failed.err().unwrap_or_else(|| io::ErrorKind::ConnectionAborted.into()).into())
            }
            status = run(command, &endpoint, signed) => status,
        }
    })?;
    drop(runtime);
    if !status.success() {
        return Err(RehearsalError::Failed { status });
    }
    let model = rehearsal.lock().clone();
    Ok(Rehearsed { model, requests: rehearsal.requests.load(Ordering::Relaxed) })
}

impl Rehearsal {
    pub(crate) fn new(model: Model) -> Self {
        Self { model: Mutex::new(model), requests: AtomicU64::new(0) }
    }

    /// Answers requests until the listening socket fails.
    pub(crate) async fn serve(self: Arc<Self>, listener: TcpListener) -> io::Result<()> {
        let limits = Limits::of_descriptors(dataplane::descriptors::raise_limit());
        server::serve(listener, self, Router::new(), Vec::new(), limits).await
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Model> {
        self.model.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The prefix of a service's own endpoint in the environment, which clients prefer to the common one.
const OF_A_SERVICE: &[u8] = b"AWS_ENDPOINT_URL_";

/// Runs a command whose only endpoint is the copy's. If requests must be `signed`, the user's own credentials are kept.
async fn run(command: &[OsString], endpoint: &str, signed: bool) -> Result<ExitStatus, RehearsalError> {
    let Some((program, arguments)) = command.split_first() else { return Err(io::Error::other("no command").into()) };
    let mut child = tokio::process::Command::new(program);
    child
        .args(with_endpoint(Path::new(program), arguments, endpoint))
        .env("AWS_ENDPOINT_URL", endpoint)
        .stdout(Stdio::from(io::stderr()))
        .kill_on_drop(true);
    let leads_elsewhere = |name: &OsString| name.as_encoded_bytes().starts_with(OF_A_SERVICE);
    std::env::vars_os().map(|(name, _)| name).filter(leads_elsewhere).for_each(|name| _ = child.env_remove(name));
    // A profile may disable endpoints from the environment. This overrides it.
    child.env("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false");
    // Clients insist on credentials even if the endpoint ignores them.
    let keys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
    if !signed && !is_configured(&["AWS_ACCESS_KEY_ID", "AWS_PROFILE"], "AWS_SHARED_CREDENTIALS_FILE", "credentials") {
        child.envs(keys.map(|name| (name, "test")));
    }
    if !is_configured(&["AWS_DEFAULT_REGION", "AWS_PROFILE"], "AWS_CONFIG_FILE", "config") {
        child.env("AWS_DEFAULT_REGION", "us-east-1");
    }
    let failed = |error| RehearsalError::Command { command: program.to_string_lossy().into_owned(), error };
    child.status().await.map_err(failed)
}

/// Whether the user has one of these variables, or the file that the variable `file` names, by default in `~/.aws`.
fn is_configured(variables: &[&str], file: &str, by_default: &str) -> bool {
    let home = || Some(Path::new(&std::env::var_os("HOME")?).join(".aws").join(by_default));
    let path = std::env::var_os(file).map(PathBuf::from).or_else(home);
    variables.iter().any(|name| std::env::var_os(name).is_some()) || path.is_some_and(|path| path.exists())
}

/// The option of the aws command line for an endpoint.
const ENDPOINT_OPTION: &str = "--endpoint-url";

/// The command's arguments with the copy's endpoint in place of its own. The aws command line always gets it at the end:
/// version 1 ignores the environment's for some services (RDS), and of several the last one counts, even if another is
/// abbreviated (`--endpoint`).
fn with_endpoint(program: &Path, arguments: &[OsString], endpoint: &str) -> Vec<OsString> {
    let with_value = OsString::from(format!("{ENDPOINT_OPTION}={endpoint}"));
    let mut own = Vec::new();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let bytes = argument.as_encoded_bytes();
        match bytes.strip_prefix(ENDPOINT_OPTION.as_bytes()) {
            Some([]) => {
                arguments.next();
                own.push(with_value.clone());
            }
            Some([b'=', ..]) => own.push(with_value.clone()),
            _ => own.push(argument.clone()),
        }
    }
    if program.file_name() == Some(OsStr::new("aws")) {
        own.push(with_value);
    }
    own
}

/// How often Auto Scaling groups are tended for one request. A group whose launches fail tries again later.
const ROUNDS: usize = 256;

/// Does at once what the platform does after a request: hosts come and go, and Auto Scaling groups take the steps that
/// are due.
fn settle(model: &mut Model, now: Time) {
    for _ in 0..ROUNDS {
        model.follow_hosts(|instance| if instance.is_on() { InstanceHost::Up } else { InstanceHost::Gone });
        model.follow_managed_hosts(now, |host| match host.power {
            Power::On => Some(ManagedNews::Fares(Condition::Up)),
            Power::Ending => Some(ManagedNews::Gone),
            Power::Down => None,
        });
        if model.groups_due(now).is_none_or(|due| due > now) {
            return;
        }
        if let Err(error) = model.tend_groups(now) {
            tracing::warn!("cannot tend Auto Scaling groups: {error}");
            return;
        }
    }
}

impl Cloud for Rehearsal {
    fn now(&self) -> Time {
        self.lock().now(SystemTime::now().into())
    }

    fn accounts_known(&self) -> bool {
        self.lock().platform.accounts_known
    }

    async fn request(self: Arc<Self>, request: Request) -> Reply {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let mut model = self.lock();
        let writes = request.writes();
        let reply = match writes {
            true => request.write(&mut model),
            false => request.read(&model),
        };
        match &reply {
            Ok(_) if writes => {
                let now = model.now(SystemTime::now().into());
                settle(&mut model, now);
                model.take_changes();
            }
            Ok(_) => {}
            Err(_) => model.undo(),
        }
        reply.unwrap_or_else(|refusal| refusal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Call;

    async fn asked(rehearsal: &Arc<Rehearsal>, service: &str, form: &str) -> String {
        let authorization = format!("AWS4-HMAC-SHA256 Credential=test/20150101/us-east-1/{service}/aws4_request");
        let call = Call { path: "/", form, authorization: Some(&authorization), ..Call::default() };
        let request = Request::parse(&call, Time(0)).unwrap_or_else(|refusal| panic!("{}", refusal.body));
        rehearsal.clone().request(request).await.body
    }

    #[tokio::test]
    async fn what_the_platform_does_later_is_done_at_once() {
        let rehearsal = Arc::new(Rehearsal::new(Model::new(1)));
        let scaling = async |form: &str| asked(&rehearsal, "autoscaling", &format!("{form}&Version=2011-01-01")).await;
        let small = "LaunchConfigurationName=small";
        scaling(&format!("Action=CreateLaunchConfiguration&{small}&ImageId=ami-12345678&InstanceType=m1.small")).await;
        let group = "AutoScalingGroupName=web&MinSize=2&MaxSize=3&AvailabilityZones.member.1=us-east-1a";
        scaling(&format!("Action=CreateAutoScalingGroup&{small}&{group}")).await;
        let groups = scaling("Action=DescribeAutoScalingGroups").await;
        assert_eq!(groups.matches("<InstanceId>").count(), 2, "{groups}");

        let databases = async |form: &str| asked(&rehearsal, "rds", &format!("{form}&Version=2014-10-31")).await;
        let shop = "DBInstanceIdentifier=shop";
        let server = "Engine=postgres&DBInstanceClass=db.m3.large&AllocatedStorage=10";
        let user = "MasterUsername=shop&MasterUserPassword=password1";
        databases(&format!("Action=CreateDBInstance&{shop}&{server}&{user}")).await;
        let described = databases("Action=DescribeDBInstances").await;
        assert!(described.contains("<DBInstanceStatus>available</DBInstanceStatus>"), "{described}");
        databases(&format!("Action=DeleteDBInstance&{shop}&SkipFinalSnapshot=true")).await;
        let described = databases("Action=DescribeDBInstances").await;
        assert!(!described.contains("DBInstanceStatus"), "{described}");
        assert_eq!(rehearsal.requests.load(Ordering::Relaxed), 7);
    }

    fn given(program: &str, arguments: &[&str]) -> Vec<OsString> {
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        with_endpoint(Path::new(program), &arguments, "http://copy")
    }

    #[test]
    fn a_command_cannot_name_another_endpoint() {
        let copy = "--endpoint-url=http://copy";
        let expected = [copy, "ec2", "describe-vpcs", copy];
        assert_eq!(given("aws", &["--endpoint-url", "http://real", "ec2", "describe-vpcs"]), expected);
        assert_eq!(given("/usr/bin/aws", &["--endpoint-url=http://real", "ec2", "describe-vpcs"]), expected);
        let abbreviated = ["ec2", "describe-vpcs", "--endpoint", "http://real"];
        assert_eq!(given("aws", &abbreviated), [&abbreviated[..], &[copy]].concat());
        assert_eq!(given("awslocal", &["ec2", "--endpoint-url"]), ["ec2", "--endpoint-url=http://copy"]);
        assert_eq!(given("sh", &["-c", "true"]), ["-c", "true"]);
    }
}
