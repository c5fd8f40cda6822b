//! A PostgreSQL server that takes connections by TLS alone: whom the store trusts is said in its address, as libpq has it.

use diesel::sql_types::Bool;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use fairground_catalog::{CatalogError, DatabaseUrl, Db};

/// The server's address and the file of the authority that signed for it.
fn server() -> Option<(String, String)> {
    let found = std::env::var("FAIRGROUND_TEST_POSTGRES_TLS_URL")
        .and_then(|url| Ok((url, std::env::var("FAIRGROUND_TEST_POSTGRES_CA")?)));
    if found.is_err() {
        eprintln!("skipped: FAIRGROUND_TEST_POSTGRES_TLS_URL and FAIRGROUND_TEST_POSTGRES_CA are not set");
    }
    found.ok()
}

fn opened(address: &str) -> Result<(), CatalogError> {
    Db::open(&address.parse::<DatabaseUrl>()?)?.read(|_| Ok(()))
}

#[derive(QueryableByName)]
struct Encrypted {
    #[diesel(sql_type = Bool)]
    ssl: bool,
}

#[test]
fn a_server_is_trusted_when_the_named_authority_signed_for_its_name() {
    let Some((url, authority)) = server() else { return };
    let trusted = format!("{url}?sslmode=verify-full&sslrootcert={authority}");
    opened(&trusted).unwrap();
    let mut conn = PgConnection::establish(&trusted).unwrap();
    let query = sql_query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
    assert!(query.get_result::<Encrypted>(&mut conn).unwrap().ssl, "the connection is not encrypted");
    // Encrypted, to whomever: what `require` has always meant.
    opened(&format!("{url}?sslmode=require")).unwrap();
}

#[test]
fn a_server_is_refused_that_nobody_known_has_signed_for() {
    let Some((url, authority)) = server() else { return };
    let nobody = std::env::temp_dir().join("fairground-there-is-no-such-authority.crt");
    let refused = |what: &str, address: String| {
        let error = opened(&address).expect_err(what);
        assert!(matches!(error, CatalogError::Connect { .. }), "{what}: {error:?}");
        let mut told = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            told.push_str(&cause.to_string());
            source = cause.source();
        }
        assert!(!told.contains("fairground@"), "{what}: the address is told: {told}");
    };
    refused("plain", format!("{url}?sslmode=disable"));
    refused("no authority", format!("{url}?sslmode=verify-full&sslrootcert={}", nobody.display()));
    let by_number = url.replace("@localhost:", "@127.0.0.1:");
    refused("another name", format!("{by_number}?sslmode=verify-full&sslrootcert={authority}"));
    // The chain alone does not ask for the name.
    opened(&format!("{by_number}?sslmode=verify-ca&sslrootcert={authority}")).unwrap();
}
