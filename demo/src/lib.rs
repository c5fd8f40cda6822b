//! Three sample agency systems on loopback, for `fairground demo` and for stories that need a whole harvest.
//!
//! The coastal region of Merrow, its City of Ardenport and their data are invented; each system speaks another dialect
//! (DCAT-AP in RDF, DCAT-US `data.json`, CKAN's action API) and serves real files with a few flaws, as in life. Identifiers never
//! depend on the port; access and download addresses do. What is made of the catalogues is the caller's business.

mod city;
mod ckan;
mod dcat;
mod dcat_us;
mod dice;
mod entry;
mod environment;
mod form;
mod place;
mod serve;
mod table;
mod transit;

use std::io;
use std::net::{Ipv4Addr, TcpListener};

use entry::System;

/// Ports of the three systems, in the order of [`Agencies::list`], when a demo wants the same addresses at every start.
pub const DEFAULT_PORTS: [u16; 3] = [8091, 8092, 8093];

static SYSTEMS: [&System; 3] = [&environment::SYSTEM, &city::SYSTEM, &transit::SYSTEM];

/// One sample system that is running.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agency {
    /// Short name, fit for a publisher's slug.
    pub slug: &'static str,
    /// The agency's name in English.
    pub name: &'static str,
    /// The harvest kind: `dcat`, `dcat-us` or `ckan`.
    pub kind: &'static str,
    /// The catalogue's address for a harvest.
    pub url: String,
}

/// The three sample systems; they run until [`Agencies::stop`] or until the runtime ends.
#[derive(Debug)]
pub struct Agencies {
    list: Vec<Agency>,
    servers: Vec<serve::Running>,
}

impl Agencies {
    /// Starts each system on a free port of 127.0.0.1. Call it inside a tokio runtime.
    ///
    /// # Errors
    /// When no socket can be opened.
    pub async fn start() -> io::Result<Self> {
        Self::start_on([0; 3]).await
    }

    /// Starts the systems on these ports of 127.0.0.1, each falling back to a free one when its port is taken
    /// (0 is always a free one). See [`DEFAULT_PORTS`].
    ///
    /// # Errors
    /// When no socket can be opened.
    pub async fn start_on(ports: [u16; 3]) -> io::Result<Self> {
        let mut agencies = Self { list: Vec::new(), servers: Vec::new() };
        for (system, port) in SYSTEMS.into_iter().zip(ports) {
            let listener = bind(port)?;
            let base = format!("http://{}", listener.local_addr()?);
            agencies.servers.push(serve::start(system, base.clone(), listener)?);
            agencies.list.push(Agency {
                slug: system.slug,
                name: system.name.en,
                kind: system.kind.as_str(),
                url: format!("{base}{}", system.catalogue_path()),
            });
        }
        Ok(agencies)
    }

    /// The running systems: environment agency, city, transit authority.
    #[must_use]
    pub fn list(&self) -> &[Agency] {
        &self.list
    }

    /// Stops all three; requests under way may finish.
    pub async fn stop(self) {
        // All are told before any is waited for.
        let stopping: Vec<_> = self.servers.into_iter().map(serve::Running::stop).collect();
        for stopped in stopping {
            stopped.await;
        }
    }
}

fn bind(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).or_else(|problem| {
        tracing::debug!(port, %problem, "Port {port} is taken; a sample agency uses a free one");
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
    })
}

#[cfg(test)]
mod tests;
