//! Health checks of targets, and the thresholds that they count towards.

use super::configuration::{Health, HealthCheck, Probe, Verdict};
use super::tls;
use http_body_util::Empty;
use hyper::body::Bytes;
use hyper::{Request, StatusCode, header};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Why a check has failed.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// Nothing arrived in time.
    #[error("no answer within {} s", .0.as_secs_f64())]
    Silent(Duration),
    /// The connection failed.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The answer is not HTTP.
    #[error("no HTTP answer: {0}")]
    Http(#[from] hyper_util::client::legacy::Error),
    /// The answer's status is not 200.
    #[error("HTTP status {}", .0.as_u16())]
    Status(StatusCode),
    /// The path is invalid.
    #[error("{0}")]
    Path(#[from] hyper::http::Error),
}

/// Checks a target once.
///
/// # Errors
/// Why the check failed.
pub async fn try_once(check: &HealthCheck, address: Ipv4Addr) -> Result<(), CheckError> {
    let tried = timeout(check.timeout, probe(&check.probe, address)).await;
    tried.unwrap_or(Err(CheckError::Silent(check.timeout)))
}

async fn probe(probe: &Probe, address: Ipv4Addr) -> Result<(), CheckError> {
    match probe {
        Probe::Tcp(port) => {
            TcpStream::connect((address, *port)).await?;
            Ok(())
        }
        Probe::Ssl(port) => {
            let stream = TcpStream::connect((address, *port)).await?;
            tls::connect(stream, address).await?;
            Ok(())
        }
        Probe::Http(port, path) | Probe::Https(port, path) => {
            let place = format!("{address}:{port}");
            let scheme = if matches!(probe, Probe::Https(..)) { "https" } else { "http" };
            let request = Request::get(format!("{scheme}://{place}{path}"))
                .header(header::HOST, place)
                .header(header::USER_AGENT, "ELB-HealthChecker/1.0")
                .header(header::CONNECTION, "close")
                .body(Empty::<Bytes>::new())?;
            let connector = tls::Connector::over(HttpConnector::new());
            let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
            match client.request(request).await?.status() {
                StatusCode::OK => Ok(()),
                other => Err(CheckError::Status(other)),
            }
        }
    }
}

/// A target's health, with the number of equal results in a row.
#[derive(Clone, Debug, Default)]
pub struct Judge {
    health: Health,
    in_a_row: u32,
}

impl Judge {
    /// The health.
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// Adds a result.
    pub fn note(&mut self, check: &HealthCheck, failure: Option<String>) {
        let alike = failure.is_some() == self.health.failure.is_some();
        self.in_a_row = if alike { self.in_a_row.saturating_add(1) } else { 1 };
        let (passed, before) = (failure.is_none(), self.health.verdict);
        self.health.failure = failure;
        self.health.verdict = match (before, passed) {
            (Verdict::InService, true) => Verdict::InService,
            (_, true) if self.in_a_row >= check.healthy_threshold => Verdict::InService,
            (Verdict::Failing, true) => Verdict::Recovering,
            (Verdict::Recovering, false) => Verdict::Failing,
            (_, false) if self.in_a_row >= check.unhealthy_threshold => Verdict::Failing,
            (before, _) => before,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHECK: HealthCheck = HealthCheck {
        probe: Probe::Tcp(80),
        interval: Duration::from_secs(30),
        timeout: Duration::from_secs(5),
        unhealthy_threshold: 2,
        healthy_threshold: 3,
    };

    /// The verdict after each result: `+` passes, `-` fails.
    fn verdicts(checks: &str) -> Vec<Verdict> {
        let mut judge = Judge::default();
        let one = |check: char| {
            judge.note(&CHECK, (check == '-').then(|| "no".to_owned()));
            judge.health().verdict
        };
        checks.chars().map(one).collect()
    }

    #[test]
    fn thresholds_count_checks_in_a_row() {
        use Verdict::*;
        assert_eq!(verdicts("+++"), [Registering, Registering, InService]);
        assert_eq!(verdicts("+-+++"), [Registering, Registering, Registering, Registering, InService]);
        assert_eq!(verdicts("--"), [Registering, Failing]);
        assert_eq!(
            verdicts("+++-+--"),
            [Registering, Registering, InService, InService, InService, InService, Failing]
        );
        assert_eq!(verdicts("--+-+++"), [Registering, Failing, Recovering, Failing, Recovering, Recovering, InService]);
    }
}
