//! The server, which may run from an earlier start that was killed.

use std::error::Error;
use std::fs;
use std::io;
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
        fs::create_dir_all(data)?;
        if is_anew {
            remove_runs(data)?;
        }
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

/// Removes what earlier starts left in the folder, and nothing else that is there.
fn remove_runs(data: &Path) -> io::Result<()> {
    // SQLite keeps files of its own beside the database.
    let files = ["", "-wal", "-shm", "-journal"].map(|end| format!("{DATABASE}{end}"));
    for file in files.iter().map(String::as_str).chain([ADDRESS]) {
        match fs::remove_file(data.join(file)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
