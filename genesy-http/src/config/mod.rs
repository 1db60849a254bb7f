//! What the server is told: by a file, by the environment, and by flags, the later before the earlier.

mod settings;

pub use self::settings::{
    EngineSettings, LimitSettings, MailSettings, PhoneSettings, RetentionSettings, Settings,
};
