//! Instance types that are asked for by their properties.
//!
//! Prices and the bandwidth of volumes are not modelled. No type is left out because of them.

use super::gpu::gpu_info;
use super::instance_type::{manufacturer, storage, virtualization};
use super::listing::paged;
use super::pattern::Pattern;
use super::text;
use crate::api::action::{Actions, View};
use crate::api::said::same_members;
use model::{Error, InstanceType, Model, Result, instance_types};
use shapes::{List, Shape, ec2};

pub fn actions(all: Actions) -> Actions {
    all.read(describe)
}

/// Whether a number is in a range, whose ends may be open.
fn within(number: impl Into<f64>, least: Option<f64>, most: Option<f64>) -> bool {
    let number = number.into();
    least.is_none_or(|least| number >= least) && most.is_none_or(|most| number <= most)
}

fn of_int(number: Option<i32>) -> Option<f64> {
    number.map(f64::from)
}

/// Whether a property is as a word wants it: `required`, `excluded` or `included`.
fn is_wanted(word: &str, has: bool) -> bool {
    match word {
        "required" => has,
        "excluded" => !has,
        _ => true,
    }
}

/// Whether one of the words is in the list. An empty list lets everything pass.
fn lets(list: &List<String>, mut words: impl Iterator<Item = String>) -> bool {
    list.is_empty() || words.any(|word| list.contains(&word))
}

fn names(patterns: &List<String>, t: &InstanceType) -> bool {
    patterns.iter().any(|pattern| Pattern::new(pattern).fits(&t.name))
}

/// The most patterns of names in a list, and the most characters in a pattern (API reference, InstanceRequirementsRequest).
const PATTERNS: (usize, usize) = (400, 30);

/// The types that have all the properties that are wanted.
fn fitting(wanted: &ec2::InstanceRequirementsRequest) -> Result<impl Iterator<Item = &'static InstanceType>> {
    let (most, longest) = PATTERNS;
    for (list, patterns) in [
        ("AllowedInstanceTypes", &wanted.allowed_instance_types),
        ("ExcludedInstanceTypes", &wanted.excluded_instance_types),
    ] {
        if patterns.len() > most {
            return Err(Error::invalid(list, format!("{} patterns", patterns.len())));
        }
        if let Some(long) = patterns.iter().find(|pattern| pattern.len() > longest) {
            return Err(Error::invalid(list, long));
        }
    }
    Ok(instance_types().filter(move |t| fits(wanted, t)))
}

/// Whether a type has all the properties that are wanted.
fn fits(wanted: &ec2::InstanceRequirementsRequest, t: &InstanceType) -> bool {
    is_named(wanted, t)
        && is_of_kind(wanted, t)
        && is_big_enough(wanted, t)
        && stores(wanted, t)
        && accelerates(wanted, t)
}

fn is_named(wanted: &ec2::InstanceRequirementsRequest, t: &InstanceType) -> bool {
    let allowed = &wanted.allowed_instance_types;
    (allowed.is_empty() || names(allowed, t)) && !names(&wanted.excluded_instance_types, t)
}

fn is_of_kind(wanted: &ec2::InstanceRequirementsRequest, t: &InstanceType) -> bool {
    let maker = match manufacturer(t) {
        "AWS" => "amazon-web-services".to_owned(),
        other => other.to_ascii_lowercase(),
    };
    let generation = if t.current { "current" } else { "previous" };
    lets(&wanted.cpu_manufacturers, [maker].into_iter())
        && lets(&wanted.instance_generations, [generation.to_owned()].into_iter())
        && is_wanted(wanted.bare_metal.as_deref().unwrap_or("excluded"), t.is_metal())
        && is_wanted(wanted.burstable_performance.as_deref().unwrap_or("excluded"), t.burstable)
        // No type supports hibernation or encryption in transit, as DescribeInstanceTypes says.
        && wanted.require_hibernate_support != Some(true)
        && wanted.require_encryption_in_transit != Some(true)
}

/// The greatest network bandwidth of a type in Gbit/s, if the type has a figure.
fn bandwidth(t: &InstanceType) -> Option<f64> {
    let figures = t.network.split(' ').filter_map(|word| word.trim_end_matches('x').parse::<f64>().ok());
    figures.reduce(|cards, each| cards * each)
}

fn is_big_enough(wanted: &ec2::InstanceRequirementsRequest, t: &InstanceType) -> bool {
    let (processors, memory) = (&wanted.v_cpu_count, &wanted.memory_mi_b);
    let each = f64::from(t.memory) / 1024.0 / f64::from(t.processors.max(1));
    within(t.processors, of_int(Some(processors.min)), of_int(processors.max))
        && within(t.memory, of_int(Some(memory.min)), of_int(memory.max))
        && wanted.memory_gi_b_per_v_cpu.as_ref().is_none_or(|range| within(each, range.min, range.max))
        && wanted
            .network_interface_count
            .as_ref()
            .is_none_or(|range| within(t.interfaces, of_int(range.min), of_int(range.max)))
        && wanted
            .network_bandwidth_gbps
            .as_ref()
            .is_none_or(|range| bandwidth(t).is_some_and(|gbps| within(gbps, range.min, range.max)))
}

fn stores(wanted: &ec2::InstanceRequirementsRequest, t: &InstanceType) -> bool {
    let kinds = t.disks.iter().map(|disk| disk.kind.to_owned());
    is_wanted(wanted.local_storage.as_deref().unwrap_or("included"), !t.disks.is_empty())
        && (t.disks.is_empty() || lets(&wanted.local_storage_types, kinds))
        && wanted.total_local_storage_gb.as_ref().is_none_or(|range| within(storage(t), range.min, range.max))
}

fn accelerates(wanted: &ec2::InstanceRequirementsRequest, t: &InstanceType) -> bool {
    let info = gpu_info(t).unwrap_or_default();
    let count: i32 = info.gpus.iter().filter_map(|gpu| gpu.count).sum();
    let makers = info.gpus.iter().filter_map(|gpu| Some(gpu.manufacturer.as_ref()?.to_ascii_lowercase()));
    let called = info.gpus.iter().filter_map(|gpu| Some(gpu.name.as_ref()?.to_ascii_lowercase().replace(' ', "-")));
    let kinds = info.gpus.iter().map(|_| "gpu".to_owned());
    wanted.accelerator_count.as_ref().is_none_or(|range| within(count, of_int(range.min), of_int(range.max)))
        && lets(&wanted.accelerator_types, kinds)
        && lets(&wanted.accelerator_manufacturers, makers)
        && lets(&wanted.accelerator_names, called)
        && wanted.accelerator_total_memory_mi_b.as_ref().is_none_or(|range| {
            within(info.total_gpu_memory_in_mi_b.unwrap_or(0), of_int(range.min), of_int(range.max))
        })
}

/// The instance requirements of a launch, which then names no type.
pub fn required<S: Shape + Default>(
    sent: Option<&S>,
    instance_type: Option<&String>,
) -> Result<Option<ec2::InstanceRequirementsRequest>> {
    match (sent, instance_type) {
        (Some(_), Some(_)) => Err(Error::TypeAndRequirements {}),
        (sent, _) => Ok(sent.map(same_members)),
    }
}

/// The smallest type that fits and that an image runs on. It stands for the cheapest one.
pub fn smallest(
    model: &Model,
    wanted: &ec2::InstanceRequirementsRequest,
    image: Option<&str>,
) -> Result<&'static InstanceType> {
    let runs = |t: &&InstanceType| image.is_none_or(|image| model.check_architecture(image, &t.name).is_ok());
    let smallest = fitting(wanted)?.filter(runs).min_by_key(|t| (t.processors, t.memory, !t.current));
    smallest.ok_or(Error::NoTypeFits {})
}

fn describe(
    _: View,
    input: ec2::GetInstanceTypesFromInstanceRequirementsRequest,
) -> Result<ec2::GetInstanceTypesFromInstanceRequirementsResult> {
    let ec2::GetInstanceTypesFromInstanceRequirementsRequest {
        architecture_types,
        virtualization_types,
        instance_requirements: wanted,
        page,
    } = input;
    let is_meant = |t: &&InstanceType| {
        lets(&architecture_types, t.architectures.iter().map(ToString::to_string))
            && lets(&virtualization_types, virtualization(t).iter().map(ToString::to_string))
    };
    let (types, next_token) = paged(&page, fitting(&wanted)?.filter(is_meant).collect(), |t: &&InstanceType| &t.name)?;
    let told = |t: &InstanceType| ec2::InstanceTypeInfoFromInstanceRequirements { instance_type: text(&t.name) };
    Ok(ec2::GetInstanceTypesFromInstanceRequirementsResult {
        instance_types: types.into_iter().map(told).collect(),
        next_token,
    })
}
