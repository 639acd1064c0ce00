//! Kinds of resources of RDS, ElastiCache and Redshift of which there is none, since nothing here makes one: who takes stock of an account
//! is told so.

/// Writes the actions that describe them, each with the list of its reply. Where one can be named, the member for the name
/// and the service's error follow.
macro_rules! absent {
    ($service:ident: $($describe:ident $input:ident $output:ident $list:ident [$($name:ident $code:literal)?];)*) => {
        pub fn actions(all: Actions) -> Actions {
            all$(.read($describe))*
        }

        $(fn $describe(_: &Model, _: &Caller, input: $service::$input) -> Result<$service::$output> {
            $(if let Some(name) = input.$name {
                return Err(Error::Absent { code: $code, name });
            })?
            paged(input.page, Vec::<String>::new(), |id| id)?;
            Ok($service::$output { $list: Vec::new().into(), ..Default::default() })
        })*
    };
}

pub(super) use absent;
