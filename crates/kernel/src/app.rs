//! The running installation: database, keys, packs and the three sources of
//! non-determinism (clock, ids, random bytes), handed to every service. Tests
//! put a fixed clock here; nothing else in the product reads the time.

use crate::authz::roles::Roles;
use crate::error::{KernelError, Result};
use crate::pack::Packs;
use crate::setting::Policy;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::Semaphore;
use uuid::Uuid;
use zf_base::{Day, Timestamp, UnitId};
use zf_store::{Db, Row, Sql, Value};
use zf_vault::Keyring;

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The clock of the machine.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp(since.as_micros() as i64)
    }
}

/// One installation. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub db: Db,
    /// The key ring; opened with the passphrase at start.
    pub vault: Keyring,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Modules as data.
    pub packs: Arc<Packs>,
    /// Roles of all packs.
    pub roles: Arc<Roles>,
    /// Security policy in force at start.
    pub policy: Arc<Policy>,
    /// File outside of the database to which daily roots of the audit chain go.
    pub audit_roots: Option<Arc<Path>>,
    /// Folder in which photos lie, sealed; none in a copy that is only checked.
    pub blobs: Option<Arc<Path>>,
    /// At most two password hashes at a time: each takes 19 MiB and a core.
    pub hashing: Arc<Semaphore>,
}

impl App {
    /// Puts the parts together and reads the policy in force.
    pub async fn new(db: Db, vault: Keyring, clock: Arc<dyn Clock>, packs: Packs) -> Result<App> {
        let policy = crate::setting::load_policy(&db).await?;
        let roles = Roles::from_packs(&packs)?;
        Ok(App {
            db,
            vault,
            clock,
            packs: Arc::new(packs),
            roles: Arc::new(roles),
            policy: Arc::new(policy),
            audit_roots: None,
            blobs: None,
            hashing: Arc::new(Semaphore::new(2)),
        })
    }

    /// The same installation, appending daily audit roots to a file.
    #[must_use]
    pub fn with_audit_roots(mut self, file: &Path) -> App {
        self.audit_roots = Some(file.into());
        self
    }

    /// The same installation, keeping photos in a folder.
    #[must_use]
    pub fn with_blobs(mut self, folder: &Path) -> App {
        self.blobs = Some(folder.into());
        self
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The present day in China.
    pub fn today(&self) -> Day {
        self.now().day()
    }

    /// A fresh id, ordered by time.
    pub fn new_id(&self) -> Uuid {
        Uuid::now_v7()
    }

    /// Random bytes from the operating system.
    pub fn random(&self, out: &mut [u8]) -> Result<()> {
        getrandom::fill(out).map_err(|e| KernelError::Internal(format!("random source: {e}")))
    }

    /// Reads rows of one unit: `$1` of the statement is the unit.
    pub async fn read_unit(&self, unit: UnitId, sql: Sql, rest: Vec<Value>) -> Result<Vec<Row>> {
        let mut p = Vec::with_capacity(rest.len() + 1);
        p.push(Value::from(unit));
        p.extend(rest);
        Ok(self.db.query(sql, p).await?)
    }
}
