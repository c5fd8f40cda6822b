//! Leases by script.

use std::time::Duration;

use fairground_admission::{Granted, LeaseRequest, QuotaStore, StoreUnavailable};
use parking_lot::Mutex;
use redis::{Client, Connection, RedisError, RedisResult, Script};

use crate::address::{InvalidAddress, RedisAddress};

/// How long connecting may take.
pub const CONNECT_WITHIN: Duration = Duration::from_millis(200);
/// How long Redis may take to answer: a call that waits for it waits no longer than the engine's
/// [`STORE_WAIT`](fairground_admission::STORE_WAIT).
pub const SAID_WITHIN: Duration = Duration::from_millis(200);
/// How many connections are kept; more are opened at need and closed again.
pub const KEPT_CONNECTIONS: usize = 4;
/// How long a counter is kept beyond its window's length: longer than clocks are expected to be wrong.
pub const KEPT_BEYOND_SECS: u64 = 3 * 3_600;
/// Numbers in Redis' scripts are exact up to 2⁵³.
const MOST: u64 = (1 << 53) - 1;

/// For each key: want, quota, seconds to live. Answers the clock, then granted and left for each.
const LEASE: &str = r"
local answer = { tonumber(redis.call('TIME')[1]) }
for i, key in ipairs(KEYS) do
  local want, quota = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1])
  local free = math.max(quota - tonumber(redis.call('GET', key) or '0'), 0)
  local granted = math.min(want, free)
  if granted > 0 then
    redis.call('INCRBY', key, string.format('%.0f', granted))
    redis.call('EXPIRE', key, ARGV[3 * i])
  end
  answer[#answer + 1] = granted
  answer[#answer + 1] = free - granted
end
return answer
";

/// Takes units back, down to nothing; a counter that is gone stays gone.
const GIVE_BACK: &str = r"
local used = tonumber(redis.call('GET', KEYS[1]) or '0')
local units = math.min(tonumber(ARGV[1]), used)
if units > 0 then
  redis.call('DECRBY', KEYS[1], string.format('%.0f', units))
end
return 0
";

/// Quotas counted in Redis.
pub struct RedisStore {
    client: Client,
    address: RedisAddress,
    idle: Mutex<Vec<Connection>>,
    lease: Script,
    give_back: Script,
}

impl std::fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisStore").field("address", &self.address).finish_non_exhaustive()
    }
}

impl RedisStore {
    /// Counts at `address`. Connects at the first question: a portal opens while its counter is away.
    ///
    /// # Errors
    /// When the address cannot be used.
    pub fn new(address: RedisAddress) -> Result<Self, InvalidAddress> {
        let client = Client::open(address.info()).map_err(|_| InvalidAddress::NotRedis)?;
        Ok(Self {
            client,
            address,
            idle: Mutex::default(),
            lease: Script::new(LEASE),
            give_back: Script::new(GIVE_BACK),
        })
    }

    /// Whether Redis answers now.
    ///
    /// # Errors
    /// What it said, or did not.
    pub fn check(&self) -> Result<(), StoreUnavailable> {
        self.with(|connection| redis::cmd("PING").query(connection))
    }

    fn connect(&self) -> RedisResult<Connection> {
        let connection = self.client.get_connection_with_timeout(CONNECT_WITHIN)?;
        connection.set_read_timeout(Some(SAID_WITHIN))?;
        connection.set_write_timeout(Some(SAID_WITHIN))?;
        Ok(connection)
    }

    /// Does `work` over a kept connection or a new one. A kept one that turns out to be dead (Redis was restarted) is
    /// replaced once; one that failed in any way is not kept, for its next answer might be this question's.
    fn with<T>(&self, work: impl Fn(&mut Connection) -> RedisResult<T>) -> Result<T, StoreUnavailable> {
        let kept = self.idle.lock().pop();
        if let Some(mut connection) = kept {
            match work(&mut connection) {
                Ok(done) => {
                    self.keep(connection);
                    return Ok(done);
                }
                Err(error) if error.is_timeout() || !error.is_io_error() => return Err(self.unavailable(&error)),
                Err(_dead) => self.idle.lock().clear(),
            }
        }
        let mut connection = self.connect().map_err(|error| self.unavailable(&error))?;
        let done = work(&mut connection).map_err(|error| self.unavailable(&error))?;
        self.keep(connection);
        Ok(done)
    }

    fn keep(&self, connection: Connection) {
        let mut idle = self.idle.lock();
        if idle.len() < KEPT_CONNECTIONS {
            idle.push(connection);
        }
    }

    fn unavailable(&self, error: &RedisError) -> StoreUnavailable {
        StoreUnavailable(format!("{}: {error}", self.address))
    }

    fn lease_together(&self, requests: &[LeaseRequest]) -> Result<Vec<Granted>, StoreUnavailable> {
        let mut invocation = self.lease.prepare_invoke();
        for request in requests {
            invocation.key(key(request));
        }
        for request in requests {
            let lives_secs = request.window_secs.saturating_add(KEPT_BEYOND_SECS);
            invocation.arg(request.want.min(MOST)).arg(request.quota.min(MOST)).arg(lives_secs);
        }
        let told: Vec<i64> = self.with(|connection| invocation.invoke(connection))?;
        let (clock, pairs) = told.split_first().ok_or_else(|| StoreUnavailable("it said nothing".to_owned()))?;
        let granted = pairs.chunks_exact(2).filter_map(|pair| match pair {
            [units, left] => Some(Granted {
                units: u64::try_from(*units).unwrap_or(0),
                left: u64::try_from(*left).ok(),
                store_secs: Some(*clock),
            }),
            _ => None,
        });
        Ok(granted.collect())
    }
}

impl QuotaStore for RedisStore {
    fn lease(&self, request: &LeaseRequest) -> Result<Granted, StoreUnavailable> {
        let granted = self.lease_together(std::slice::from_ref(request))?;
        granted.first().copied().ok_or_else(|| StoreUnavailable("it said nothing".to_owned()))
    }

    /// One round trip for all of them.
    fn lease_all(&self, requests: &[LeaseRequest]) -> Vec<Result<Granted, StoreUnavailable>> {
        match self.lease_together(requests) {
            Ok(granted) => granted.into_iter().map(Ok).collect(),
            Err(error) => requests.iter().map(|_| Err(error.clone())).collect(),
        }
    }

    fn give_back(&self, request: &LeaseRequest, units: u64) -> Result<(), StoreUnavailable> {
        let mut invocation = self.give_back.key(key(request));
        invocation.arg(units.min(MOST));
        self.with(|connection| invocation.invoke::<i64>(connection)).map(drop)
    }
}

/// `fairground:quota:7:open-day:86400:1772323200`: party, policy, the window's length and start.
fn key(request: &LeaseRequest) -> String {
    format!(
        "fairground:quota:{}:{}:{}:{}",
        request.party.usage_number(),
        request.policy,
        request.window_secs,
        request.window_start_secs
    )
}
