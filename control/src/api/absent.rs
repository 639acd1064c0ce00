//! Resources of RDS, ElastiCache and Redshift that the platform never has. Describing them gives an empty list, because tools that
//! take stock of an account ask for them.

/// Defines the actions that describe such resources. Each line has the action's input and output, and the list in the output. If
/// the input can name a resource, the input's member and the error code for a missing resource follow.
macro_rules! absent {
    ($service:ident: $($describe:ident $input:ident $output:ident $list:ident [$($name:ident $code:literal)?];)*) => {
        pub fn actions(all: Actions) -> Actions {
            all$(.read($describe))*
        }

        $(fn $describe(_: $crate::api::action::View, input: $service::$input) -> Result<$service::$output> {
            $(if let Some(name) = input.$name {
                return Err(Error::Absent { code: $code, name });
            })?
            paged(input.page, Vec::<String>::new(), |id| id)?;
            Ok($service::$output { $list: Vec::new().into(), ..Default::default() })
        })*
    };
}

pub(super) use absent;
