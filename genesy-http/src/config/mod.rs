//! What the server is told: by a file, by the environment, and by flags, the later before the earlier.

mod read;
mod secret;
mod settings;
mod show;

pub use self::read::ConfigError;
pub use self::secret::Secret;
pub use self::settings::{
    EngineSettings, LimitSettings, LogFormat, LogSettings, MailSettings, PhoneSettings,
    RetentionSettings, Settings, TemporalSettings, TemporalTlsSettings,
};
