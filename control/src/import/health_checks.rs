//! Health checks of Route 53, and the tags of hosted zones and health checks.

use super::form::{tags, text};
use super::zones::id;
use super::{Importer, version};
use crate::api::said_over;
use model::{HealthCheck, Scope, Tags, is_uuid};
use serde_json::Value as Json;
use shapes::{of_json, route53};

/// The list of health checks.
pub const CHECKS: &str = "HealthChecks";
/// What has the tags of a resource.
pub const TAGS: &str = "ResourceTagSet";

impl Importer<'_> {
    pub(super) fn health_check(&mut self, scope: &Scope, item: &Json) {
        let id = text(item, "/Id").unwrap_or_default();
        if !is_uuid(&id) {
            return self.leave_out(format!("{id:?} is not the id of a health check"));
        }
        let config = item.get("HealthCheckConfig").map(of_json::<route53::HealthCheckConfig>);
        let Some(Ok(config)) = config else {
            return self.leave_out(format!("{id}: what it checks is not understood"));
        };
        self.model.health_checks.adopt(HealthCheck {
            account: scope.account.clone(),
            reference: text(item, "/CallerReference").unwrap_or_default(),
            version: version(item.get("HealthCheckVersion").and_then(Json::as_i64)),
            config: said_over("", &config),
            tags: Tags::new(),
            id,
        });
    }

    /// Gives a hosted zone or a health check its tags.
    pub(super) fn tags_of_dns(&mut self, scope: &Scope, item: &Json) {
        let set = &item[TAGS];
        let id = id(set, "/ResourceId");
        let tags = tags(&set["Tags"]);
        if let Ok(zone) = self.model.zone_of(&scope.account, &id) {
            let mut zone = zone.clone();
            zone.tags = tags;
            self.model.hosted_zones.adopt(zone);
        } else if let Ok(check) = self.model.health_check(&scope.account, &id) {
            let mut check = check.clone();
            check.tags = tags;
            self.model.health_checks.adopt(check);
        } else if !tags.is_empty() {
            self.leave_out(format!("the tags of {id}, which is not in the files"));
        }
    }
}
