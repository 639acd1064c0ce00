//! Errors as tables: each row has a name, the fields, the service's code, the HTTP status and the message.

macro_rules! errors {
    ($(#[$doc:meta])* $enum:ident: $($name:ident { $($field:ident: $type:ty),* } $code:literal $status:literal $message:literal;)*) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
        pub enum $enum {
            $(
                #[doc = concat!("`", $code, "`: ", $message)]
                #[error($message)]
                $name { $(#[doc = "See the message."] $field: $type,)* },
            )*
        }

        impl $enum {
            /// The service's error code.
            pub fn code(&self) -> &'static str {
                match self { $($enum::$name { .. } => $code,)* }
            }

            /// The HTTP status.
            pub fn status(&self) -> u16 {
                match self { $($enum::$name { .. } => $status,)* }
            }
        }
    };
}

pub(crate) use errors;
