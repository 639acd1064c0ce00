//! Checks that docs/actions.md is up to date.

use super::*;
use std::fmt::Write;
use std::path::Path;

/// The lists of actions and their parameters.
const LISTS: [(&str, &str); 12] = [
    ("autoscaling", include_str!("../../../shapes/actions/autoscaling.txt")),
    ("ec2", include_str!("../../../shapes/actions/ec2.txt")),
    ("elasticache", include_str!("../../../shapes/actions/elasticache.txt")),
    ("elasticloadbalancing", include_str!("../../../shapes/actions/elb.txt")),
    ("iam", include_str!("../../../shapes/actions/iam.txt")),
    ("logs", include_str!("../../../shapes/actions/logs.txt")),
    ("rds", include_str!("../../../shapes/actions/rds.txt")),
    ("redshift", include_str!("../../../shapes/actions/redshift.txt")),
    ("route53", include_str!("../../../shapes/actions/route53.txt")),
    ("ssm", include_str!("../../../shapes/actions/ssm.txt")),
    ("sts", include_str!("../../../shapes/actions/sts.txt")),
    ("tagging", include_str!("../../../shapes/actions/resourcegroupstaggingapi.txt")),
];

/// The parameters of an action that its list has after a word.
fn below(list: &str, action: &str, word: &str) -> String {
    let lines = list.lines().skip_while(|line| *line != format!("action {action}")).skip(1);
    let own = lines.take_while(|line| line.starts_with("  "));
    let words = own.filter_map(|line| line.trim_start().strip_prefix(word)).flat_map(str::split_whitespace);
    words.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn document() -> String {
    let mut out = String::from(
        "# What the API has\n\nGenerated from the code; `UPDATE=1 cargo test -p control --lib documented` writes it anew. An action \
         that is not here says\n`UnsupportedOperation` and its name. *Not looked at* are parameters that are taken and make no difference, \
         *refused* those that answer\n`UnsupportedOperation`; whoever sends neither gets what EC2 says.\n",
    );
    for service in SERVICES {
        let facts = service.facts;
        let list = LISTS.iter().find(|(name, _)| *name == facts.signing).map_or("", |(_, list)| list);
        let (has, all) = (facts.has.len(), facts.has.len() + facts.lacks.len());
        let _ = write!(out, "\n## {}, version {}: {has} of {all} actions\n\n", facts.signing, facts.version);
        let _ = write!(out, "| action | not looked at | refused |\n|---|---|---|\n");
        for action in facts.has {
            let (ignored, refused) = (below(list, action, "ignored "), below(list, action, "refused "));
            let _ = writeln!(out, "| {action} | {ignored} | {refused} |");
        }
    }
    out
}

#[test]
fn the_table_of_actions_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/actions.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, document()).unwrap();
    }
    assert!(std::fs::read_to_string(&path).unwrap_or_default() == document(), "see the head of docs/actions.md");
}
