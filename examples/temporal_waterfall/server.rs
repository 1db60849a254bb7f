//! The server, which may run from an earlier start that was killed.

use std::error::Error;
use std::fs;
use std::path::Path;

use genesy_temporal::client::{Client, ClientOptions};
use genesy_temporal::dev_server::{DevServer, DevServerOptions};

/// The file where the server keeps its runs.
const DATABASE: &str = "temporal.db";
/// The file that says where it listens.
const ADDRESS: &str = "address.txt";

pub(crate) struct Server {
    /// It ends with this program, unless it is one of an earlier start.
    _own: Option<DevServer>,
    address: String,
    page: Option<String>,
}

impl Server {
    pub(crate) async fn start(
        data: &Path,
        is_anew: bool,
        ui_port: u16,
    ) -> Result<Self, Box<dyn Error>> {
        let page = (ui_port != 0).then(|| format!("http://127.0.0.1:{ui_port}"));
        if is_anew && data.join(DATABASE).exists() {
            fs::remove_dir_all(data)?;
        }
        fs::create_dir_all(data)?;
        if let Ok(address) = fs::read_to_string(data.join(ADDRESS))
            && Client::connect(ClientOptions::new(address.clone())).await.is_ok()
        {
            return Ok(Self { _own: None, address, page });
        }
        let mut options = DevServerOptions::default();
        options.ui_port = (ui_port != 0).then_some(ui_port);
        options.database = Some(data.join(DATABASE));
        let server = DevServer::start(options).await?;
        let address = server.address().to_owned();
        fs::write(data.join(ADDRESS), &address)?;
        Ok(Self { _own: Some(server), address, page })
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn page(&self) -> Option<&str> {
        self.page.as_deref()
    }
}
