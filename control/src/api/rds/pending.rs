//! Changes of a DB instance that wait for its maintenance window, unless the request applies them immediately. No window comes here, so
//! that they wait for such a request.

use shapes::rds;

/// Whether a request changes anything: its instance, or that what waits is applied now.
pub fn is_change(input: &rds::ModifyDBInstanceMessage, is: &rds::DBInstance) -> bool {
    let rds::ModifyDBInstanceMessage { db_instance_identifier, apply_immediately, .. } = input.clone();
    let waits = is.pending_modified_values.as_ref().is_some_and(|waits| *waits != Default::default());
    let applies = apply_immediately == Some(true) && waits;
    applies
        || *input != rds::ModifyDBInstanceMessage { db_instance_identifier, apply_immediately, ..Default::default() }
}

/// Splits a request into what changes now and what waits. A requested value replaces one that waits already.
pub fn split(
    mut input: rds::ModifyDBInstanceMessage,
    is: &rds::DBInstance,
) -> (rds::ModifyDBInstanceMessage, rds::PendingModifiedValues) {
    let mut waits = is.pending_modified_values.clone().unwrap_or_default();
    let at_once = input.apply_immediately == Some(true);
    let name = &mut input.new_db_instance_identifier;
    *name = name.take().map(|name| name.to_ascii_lowercase());
    place(name, &mut waits.db_instance_identifier, &is.db_instance_identifier, at_once);
    let (now, later) = (&mut input.settings, &mut waits);
    // Backups wait only to be switched on or off.
    let days = now.backup_retention_period.or(later.backup_retention_period);
    let days_at_once = at_once || (days == Some(0)) == (is.backup_retention_period == Some(0));
    let (iam, iam_later) =
        (&mut now.enable_iam_database_authentication, &mut later.iam_database_authentication_enabled);
    place(iam, iam_later, &is.iam_database_authentication_enabled, at_once);
    let (ca, ca_later) = (&mut now.ca_certificate_identifier, &mut later.ca_certificate_identifier);
    place(ca, ca_later, &is.ca_certificate_identifier, at_once);
    let (backups, backups_later) = (&mut now.backup_retention_period, &mut later.backup_retention_period);
    place(backups, backups_later, &is.backup_retention_period, days_at_once);
    place(&mut now.allocated_storage, &mut later.allocated_storage, &is.allocated_storage, at_once);
    place(&mut now.db_instance_class, &mut later.db_instance_class, &is.db_instance_class, at_once);
    place(&mut now.engine_version, &mut later.engine_version, &is.engine_version, at_once);
    place(&mut now.iops, &mut later.iops, &is.iops, at_once);
    place(&mut now.license_model, &mut later.license_model, &is.license_model, at_once);
    place(&mut now.multi_az, &mut later.multi_az, &is.multi_az, at_once);
    place(&mut now.storage_throughput, &mut later.storage_throughput, &is.storage_throughput, at_once);
    place(&mut now.storage_type, &mut later.storage_type, &is.storage_type, at_once);
    (input, waits)
}

/// Applies a value now, or lets it wait if it differs from the present one.
pub fn place<T: PartialEq>(now: &mut Option<T>, waits: &mut Option<T>, is: &Option<T>, at_once: bool) {
    let value = now.take().or(waits.take());
    if at_once {
        *now = value;
    } else {
        *waits = value.filter(|value| is.as_ref() != Some(value));
    }
}
