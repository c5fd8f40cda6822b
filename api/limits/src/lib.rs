//! The shared counter of quotas over Redis.
