//! What hangs together: names, deletions, versions, sessions; and that rows are stored and read again.

use super::*;
use crate::{Kind, Model, Tags, Time};
use std::collections::BTreeSet;

const ME: &str = "111122223333";
const ALL: &str = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
const TRUST: &str = r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"111122223333"}}}"#;

fn user() -> Of {
    Of::new_user()
}

fn role() -> Of {
    Of::Role(Role { trust: Policy::of_trust(TRUST).unwrap(), description: None, longest: Role::DEFAULT })
}

fn with(name: &str, of: Of) -> Model {
    let mut model = Model::new(1);
    model.create_identity(ME, Time(0), (name, None), Tags::new(), of).unwrap();
    model
}

#[test]
fn names_of_a_kind_differ_by_more_than_case() {
    let mut model = with("Alice", user());
    let again = |model: &mut Model, account, name, of| {
        model.create_identity(account, Time(0), (name, None), Tags::new(), of).map(|_| ()).map_err(|error| error.code())
    };
    assert_eq!(again(&mut model, ME, "aLICE", user()), Err("EntityAlreadyExists"));
    assert_eq!(again(&mut model, ME, "alice", role()), Ok(()));
    assert_eq!(again(&mut model, "444455556666", "alice", user()), Ok(()));
    assert_eq!(again(&mut model, ME, "a b", user()), Err("ValidationError"));
    assert_eq!(model.identity(ME, Class::User, "ALICE").unwrap().arn(), "arn:aws:iam::111122223333:user/Alice");
}

#[test]
fn what_others_hang_on_is_not_deleted() {
    let mut model = with("alice", user());
    model.create_identity(ME, Time(0), ("ops", None), Tags::new(), Of::Group).unwrap();
    let gone = |model: &mut Model, class, name| model.delete_identity(ME, class, name).map_err(|error| error.code());
    model.add_user_to_group(ME, "alice", "ops").unwrap();
    assert_eq!(gone(&mut model, Class::User, "alice"), Err("DeleteConflict"));
    assert_eq!(gone(&mut model, Class::Group, "ops"), Err("DeleteConflict"));
    model.remove_user_from_group(ME, "alice", "ops").unwrap();
    model.put_inline(ME, Class::User, "alice", "own", ALL).unwrap();
    assert_eq!(gone(&mut model, Class::User, "alice"), Err("DeleteConflict"));
    model.delete_inline(ME, Class::User, "alice", "own").unwrap();
    let key = model.create_access_key(ME, Time(0), Some("alice"), "secret".into()).unwrap().id.clone();
    assert_eq!(gone(&mut model, Class::User, "alice"), Err("DeleteConflict"));
    model.delete_access_key(ME, Some("alice"), &key).unwrap();
    assert_eq!(gone(&mut model, Class::User, "alice"), Ok(()));
    assert_eq!(gone(&mut model, Class::Group, "ops"), Ok(()));
    assert_eq!(gone(&mut model, Class::User, "alice"), Err("NoSuchEntity"));
}

#[test]
fn a_renamed_user_and_a_renamed_group_keep_what_is_theirs() {
    let mut model = with("alice", user());
    model.create_identity(ME, Time(0), ("ops", None), Tags::new(), Of::Group).unwrap();
    model.add_user_to_group(ME, "alice", "ops").unwrap();
    model.create_access_key(ME, Time(0), Some("alice"), "secret".into()).unwrap();
    model.rename_identity(ME, Class::User, "alice", (Some("bob"), Some("/x/"))).unwrap();
    model.rename_identity(ME, Class::Group, "ops", (Some("net"), None)).unwrap();
    assert_eq!(model.keys_of(ME, Some("bob")).count(), 1);
    assert_eq!(model.users_in(ME, "net").count(), 1);
    assert_eq!(model.identity(ME, Class::User, "bob").unwrap().arn(), "arn:aws:iam::111122223333:user/x/bob");
    assert!(model.identity(ME, Class::User, "alice").is_err() && model.identity(ME, Class::Group, "ops").is_err());
}

/// Whoever gets the name next has nothing to do with a session that is still open.
#[test]
fn a_session_follows_its_identity_and_ends_with_it() {
    let mut model = with("alice", user());
    model.create_identity(ME, Time(0), ("alice", None), Tags::new(), role()).unwrap();
    let mut begin =
        |principal| model.begin_session(ME, principal, ("s".into(), "t".into()), (Time(0), Time(1)), false).id;
    let of_user = begin(Principal::User { name: "alice".into() });
    let of_role = begin(Principal::Role {
        name: "alice".into(),
        session: "me".into(),
        policy: None,
        managed: Vec::new(),
        tags: SessionTags::default(),
        source: None,
        instance: None,
    });
    let of_account = begin(Principal::Root);
    model.rename_identity(ME, Class::User, "alice", (Some("bob"), None)).unwrap();
    let name = |id: &str| match &model.sessions.get(id).unwrap().principal {
        Principal::User { name } | Principal::Role { name, .. } | Principal::Federated { name, .. } => name.clone(),
        Principal::Root => String::new(),
    };
    assert_eq!([name(&of_user), name(&of_role), name(&of_account)], ["bob", "alice", ""]);
    model.delete_identity(ME, Class::User, "bob").unwrap();
    let ids = |model: &Model| model.sessions.iter().map(|session| session.id.clone()).collect::<BTreeSet<_>>();
    assert_eq!(ids(&model), BTreeSet::from([of_role, of_account.clone()]));
    model.delete_identity(ME, Class::Role, "alice").unwrap();
    assert_eq!(ids(&model), BTreeSet::from([of_account]));
}

#[test]
fn a_policy_has_five_versions_and_one_in_force() {
    let mut model = with("alice", user());
    let policy = || Policy::of_identity(ALL).unwrap();
    let arn = model.create_policy(ME, Time(0), ("p", None), (policy(), None), Tags::new()).unwrap().arn.clone();
    for number in 2..=5 {
        assert_eq!(model.create_policy_version(ME, Time(1), &arn, policy(), number == 3), Ok(number));
    }
    let refused = |result: Result<()>| result.unwrap_err().code();
    assert_eq!(refused(model.create_policy_version(ME, Time(1), &arn, policy(), false).map(|_| ())), "LimitExceeded");
    assert_eq!(refused(model.delete_policy_version(ME, &arn, "v3")), "DeleteConflict");
    assert_eq!(refused(model.delete_policy_version(ME, &arn, "v9")), "NoSuchEntity");
    model.delete_policy_version(ME, &arn, "v1").unwrap();
    assert_eq!(model.create_policy_version(ME, Time(1), &arn, policy(), false), Ok(6), "numbers are given once");
    assert_eq!(refused(model.delete_policy("444455556666", &arn)), "NoSuchEntity");
    model.attach_policy(ME, Class::User, "alice", &arn).unwrap();
    assert_eq!(refused(model.delete_policy(ME, &arn)), "DeleteConflict");
    let aws = "arn:aws:iam::aws:policy/AdministratorAccess";
    assert_eq!(refused(model.delete_policy(ME, aws)), "AccessDenied");
    model.attach_policy(ME, Class::User, "alice", aws).unwrap();
    assert_eq!(model.policies_of(model.identity(ME, Class::User, "alice").unwrap()).len(), 2);
}

/// Without its policy a boundary would otherwise be no limit.
#[test]
fn a_boundary_whose_policy_is_gone_allows_nothing() {
    let mut model = with("alice", user());
    let policy = Policy::of_identity(ALL).unwrap();
    let arn = model.create_policy(ME, Time(0), ("most", None), (policy, None), Tags::new()).unwrap().arn.clone();
    model.set_boundary(ME, Class::User, "alice", Some(arn)).unwrap();
    let allows = |model: &Model| {
        let boundary = model.boundary_of(model.identity(ME, Class::User, "alice").unwrap());
        boundary.unwrap().1.statements.len()
    };
    assert_eq!(allows(&model), 1);
    model.forget_policy(ME, "most");
    assert_eq!(allows(&model), 0);
}

#[test]
fn every_row_is_read_as_it_was_stored() {
    let mut model = with("alice", user());
    model.create_identity(ME, Time(0), ("linker", None), Tags::new(), role()).unwrap();
    model.put_inline(ME, Class::User, "alice", "own", ALL).unwrap();
    model.create_policy(ME, Time(0), ("p", None), (Policy::of_identity(ALL).unwrap(), None), Tags::new()).unwrap();
    model.create_instance_profile(ME, Time(0), ("web", None), Tags::new()).unwrap();
    model.add_role_to_profile(ME, "web", "linker").unwrap();
    model.create_access_key(ME, Time(0), Some("alice"), "secret".into()).unwrap();
    let principal = Principal::Role {
        name: "linker".into(),
        session: "me".into(),
        policy: Policy::of_identity(ALL).ok(),
        managed: Vec::new(),
        tags: SessionTags::default(),
        source: None,
        instance: None,
    };
    model.begin_session(ME, principal, ("s".into(), "t".into()), (Time(0), Time(1)), false);
    let changes = model.take_changes();
    let mut again = Model::new(1);
    for (kind, id) in changes.rows() {
        again.load(kind, &model.row(kind, id).unwrap().unwrap()).unwrap();
    }
    let kinds: BTreeSet<Kind> = changes.rows().map(|(kind, _)| kind).collect();
    let all = [Kind::Identity, Kind::ManagedPolicy, Kind::InstanceProfile, Kind::AccessKey, Kind::Session];
    assert!(all.iter().all(|kind| kinds.contains(kind)));
    for (kind, id) in changes.rows() {
        assert_eq!(model.row(kind, id).unwrap().unwrap(), again.row(kind, id).unwrap().unwrap());
    }
}

#[test]
fn an_owner_has_a_thousand_sessions_at_most() {
    let mut model = Model::new(1);
    let mut begin = |principal, created| {
        model.begin_session(ME, principal, ("s".into(), "t".into()), (Time(created), Time(created + 1)), false).id
    };
    let of_user = begin(Principal::User { name: "alice".into() }, 0);
    let first = begin(Principal::Root, 1);
    let others: Vec<String> = (2..=1001).map(|created| begin(Principal::Root, created)).collect();
    assert!(model.sessions.get(&first).is_none() && model.sessions.get(&of_user).is_some());
    assert!(others.iter().all(|id| model.sessions.get(id).is_some()));
}

#[test]
fn sessions_are_forgotten_a_day_after_they_have_ended() {
    let mut model = Model::new(1);
    let day = 24 * 3600 * 1000;
    model.begin_session(ME, Principal::Root, ("s".into(), "t".into()), (Time(0), Time(1000)), false);
    assert!(!model.has_forgettable(Time(day + 1000)));
    assert!(model.has_forgettable(Time(day + 1001)));
    model.forget(Time(day + 1001)).unwrap();
    assert!(model.sessions.is_empty());
}

/// The last use counts, whatever the service, and ends with its key.
#[test]
fn uses_are_kept_by_service() {
    let mut model = Model::new(1);
    model.create_identity(ME, Time(0), ("ann", None), Tags::new(), Of::new_user()).unwrap();
    let key = model.create_access_key(ME, Time(0), Some("ann"), "s".into()).unwrap().id.clone();
    let used = |service: &str, at| LastUse::new(&key, service, "us-east-1", Time(at));
    model.note_uses([used("ec2", 9_000), used("iam", 5_000), used("ec2", 7_500)]);
    assert_eq!(model.uses_of(&key).count(), 2);
    let last = model.last_use(&key).unwrap();
    assert_eq!((last.service.as_str(), last.at), ("ec2", Time(7_000)));
    model.delete_access_key(ME, Some("ann"), &key).unwrap();
    assert!(model.last_use(&key).is_none());
    model.note_uses([used("ec2", 9_500)]);
    assert!(model.last_use(&key).is_none(), "a deleted key has no uses");
}

/// The uses of users and roles are theirs by their unique ids, and are not noted after their deletion.
#[test]
fn the_uses_of_a_user_end_with_it() {
    let mut model = with("ann", user());
    let unique = model.identity(ME, Class::User, "ann").unwrap().named.unique_id.clone();
    let used = || LastUse::new(&unique, "ec2", "us-east-1", Time(1_000));
    model.note_uses([used()]);
    assert!(model.last_use(&unique).is_some());
    model.delete_identity(ME, Class::User, "ann").unwrap();
    model.note_uses([used()]);
    assert!(model.last_use(&unique).is_none());
}

#[test]
fn identities_have_so_many_policies_and_groups() {
    let mut model = with("ann", user());
    let wide = |count: usize| {
        let resources: Vec<String> = (0..count).map(|place| format!(r#""arn:aws:s3:::bucket-{place:086}""#)).collect();
        let statement = format!(r#"{{"Effect":"Allow","Action":"s3:*","Resource":[{}]}}"#, resources.join(","));
        format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#)
    };
    model.put_inline(ME, Class::User, "ann", "one", &wide(10)).unwrap();
    model.put_inline(ME, Class::User, "ann", "one", &wide(11)).unwrap();
    let more = model.put_inline(ME, Class::User, "ann", "two", &wide(10)).unwrap_err();
    assert_eq!(more.to_string(), "Maximum policy size of 2048 bytes exceeded for user ann");
    let mut create = |name: &str, count: usize| {
        let policy = Policy::managed(&wide(count)).unwrap();
        model.create_policy(ME, Time(0), (name, None), (policy, None), Tags::new()).map(|made| made.arn.clone())
    };
    assert_eq!(create("wide", 60).unwrap_err().to_string(), "Cannot exceed quota for PolicySize: 6144");
    let arns: Vec<String> = (0..11).map(|place| create(&format!("p{place}"), 1).unwrap()).collect();
    let attached: Vec<bool> = arns.iter().map(|arn| model.attach_policy(ME, Class::User, "ann", arn).is_ok()).collect();
    assert_eq!(attached.iter().filter(|is_attached| **is_attached).count(), 10);
    model.attach_policy(ME, Class::User, "ann", &arns[0]).unwrap();
    let joined = (0..11).filter(|place| {
        let group = format!("g{place}");
        model.create_identity(ME, Time(0), (group.as_str(), None), Tags::new(), Of::Group).unwrap();
        model.add_user_to_group(ME, "ann", &group).is_ok()
    });
    assert_eq!(joined.count(), 10);
}

/// A policy is used by those who have it, also by their groups, each once.
#[test]
fn a_policy_applies_to_the_users_of_its_groups() {
    let mut model = with("ann", user());
    model.create_identity(ME, Time(0), ("devs", None), Tags::new(), Of::Group).unwrap();
    model.create_identity(ME, Time(0), ("bob", None), Tags::new(), user()).unwrap();
    for name in ["ann", "bob"] {
        model.add_user_to_group(ME, name, "devs").unwrap();
    }
    let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let policy = (Policy::managed(text).unwrap(), None);
    let arn = model.create_policy(ME, Time(0), ("all", None), policy, Tags::new()).unwrap().arn.clone();
    model.attach_policy(ME, Class::User, "ann", &arn).unwrap();
    model.attach_policy(ME, Class::Group, "devs", &arn).unwrap();
    let under: Vec<&str> = model.entities_under(ME, &arn).iter().map(|one| one.named.name.as_str()).collect();
    assert_eq!(under, ["ann", "bob"]);
}
