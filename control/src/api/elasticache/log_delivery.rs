//! Log delivery configurations of caches. They are stored and returned; nothing is delivered.

use crate::api::deployment::{one_of, same_members, text};
use model::services::Result;
use shapes::List;
use shapes::elasticache::{LogDeliveryConfiguration, LogDeliveryConfigurationRequest};

/// Refuses a type, a destination or a format of logs that ElastiCache does not have.
pub fn check(asked: &[LogDeliveryConfigurationRequest]) -> Result<()> {
    for one in asked {
        one_of("LogType", one.log_type.as_deref(), &["slow-log", "engine-log"])?;
        one_of("DestinationType", one.destination_type.as_deref(), &["cloudwatch-logs", "kinesis-firehose"])?;
        one_of("LogFormat", one.log_format.as_deref(), &["text", "json"])?;
    }
    Ok(())
}

/// The configurations after a request: one for each type of log that is not disabled. `None` if the request has none.
pub fn changed(
    before: &[LogDeliveryConfiguration],
    asked: &List<LogDeliveryConfigurationRequest>,
) -> Option<Vec<LogDeliveryConfiguration>> {
    let asked = asked.shown()?;
    let is_asked = |kept: &LogDeliveryConfiguration| asked.iter().any(|one| one.log_type == kept.log_type);
    let kept = before.iter().filter(|kept| !is_asked(kept)).cloned();
    let new = asked.iter().filter(|one| one.enabled != Some(false)).map(active);
    Some(kept.chain(new).collect())
}

fn active(asked: &LogDeliveryConfigurationRequest) -> LogDeliveryConfiguration {
    LogDeliveryConfiguration { status: text("active"), ..same_members(asked) }
}
