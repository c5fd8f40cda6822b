//! The tables, as diesel sees them; `migrations/` makes them.

diesel::table! {
    journal (seq) {
        seq -> BigInt,
        at -> BigInt,
        kind -> Text,
        subject_kind -> Text,
        subject_id -> Text,
        actor -> Text,
        payload -> Text,
        previous_hash -> Text,
        hash -> Text,
    }
}

diesel::table! {
    journal_head (id) {
        id -> Integer,
        seq -> BigInt,
        hash -> Text,
    }
}

diesel::table! {
    publishers (id) {
        id -> Text,
        slug -> Text,
        name -> Text,
        document -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    harvest_sources (id) {
        id -> Text,
        slug -> Text,
        url -> Text,
        kind -> Nullable<Text>,
        publisher_id -> Nullable<Text>,
        interval_secs -> Nullable<BigInt>,
        brake_percent -> Integer,
        brake_least -> Integer,
        state -> Text,
        validators -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    jobs (id) {
        id -> Text,
        kind -> Text,
        subject_id -> Text,
        payload -> Text,
        state -> Text,
        progress -> Text,
        error -> Nullable<Text>,
        attempts -> Integer,
        run_after -> BigInt,
        lease_holder -> Nullable<Text>,
        leased_until -> Nullable<BigInt>,
        created_at -> BigInt,
        started_at -> Nullable<BigInt>,
        finished_at -> Nullable<BigInt>,
        lane -> Text,
        origin -> Text,
    }
}

diesel::table! {
    harvest_records (job_id, seq) {
        job_id -> Text,
        seq -> BigInt,
        source_id -> Text,
        kind -> Text,
        source_key -> Text,
        title -> Text,
        outcome -> Text,
        dataset_id -> Nullable<Text>,
        raw_hash -> Nullable<Text>,
        findings -> Text,
    }
}

diesel::table! {
    raw_records (hash) {
        hash -> Text,
        body -> Binary,
    }
}

diesel::table! {
    datasets (id) {
        id -> Text,
        slug -> Text,
        kind -> Text,
        publisher_id -> Nullable<Text>,
        source_id -> Nullable<Text>,
        source_key -> Nullable<Text>,
        state -> Text,
        version -> Integer,
        content_hash -> Text,
        raw_hash -> Nullable<Text>,
        document -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
        withdrawn_at -> Nullable<BigInt>,
        withdrawn_reason -> Nullable<Text>,
    }
}

diesel::table! {
    dataset_versions (dataset_id, version) {
        dataset_id -> Text,
        version -> Integer,
        content_hash -> Text,
        raw_hash -> Nullable<Text>,
        document -> Text,
        published_at -> BigInt,
    }
}

diesel::table! {
    tables (id) {
        id -> Text,
        dataset_id -> Text,
        distribution_id -> Text,
        slug -> Text,
        name -> Text,
        title -> Text,
        uploaded -> Bool,
        state -> Text,
        version -> Integer,
        snapshot_key -> Text,
        row_count -> BigInt,
        quarantined -> BigInt,
        column_titles -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
        withdrawn_at -> Nullable<BigInt>,
        withdrawn_reason -> Nullable<Text>,
    }
}

diesel::table! {
    table_versions (table_id, version) {
        table_id -> Text,
        version -> Integer,
        snapshot_key -> Text,
        row_count -> BigInt,
        quarantined -> BigInt,
        document -> Text,
        source_hash -> Text,
        change -> Text,
        loaded_at -> BigInt,
        retired_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    distribution_files (distribution_id) {
        distribution_id -> Text,
        dataset_id -> Text,
        url -> Text,
        etag -> Nullable<Text>,
        last_modified -> Nullable<Text>,
        source_hash -> Nullable<Text>,
        loader -> Text,
        checked_at -> BigInt,
        loaded_at -> Nullable<BigInt>,
        check_after -> Nullable<BigInt>,
    }
}

diesel::table! {
    retired_snapshots (snapshot_key) {
        snapshot_key -> Text,
        retired_at -> BigInt,
    }
}

diesel::table! {
    accounts (id) {
        id -> Text,
        email -> Text,
        name -> Text,
        role -> Text,
        publisher_id -> Nullable<Text>,
        password_hash -> Text,
        disabled -> Bool,
        created_at -> BigInt,
    }
}

diesel::table! {
    sessions (digest) {
        digest -> Text,
        account_id -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    applications (number) {
        number -> BigInt,
        id -> Text,
        name -> Text,
        email -> Text,
        plan -> Text,
        terms_version -> Text,
        verification_digest -> Nullable<Text>,
        verified_at -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

diesel::table! {
    api_keys (id) {
        id -> Text,
        application_id -> Text,
        digest -> Text,
        hint -> Text,
        name -> Text,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    tariffs (version) {
        version -> Integer,
        document -> Text,
        published_at -> BigInt,
        valid_from -> BigInt,
    }
}

diesel::table! {
    usage_positions (node, segment) {
        node -> Text,
        segment -> BigInt,
        position -> BigInt,
    }
}

diesel::table! {
    usage_sums (period, starts_at, party, plan, class, operation, dataset_id, status_class) {
        period -> Text,
        starts_at -> BigInt,
        party -> BigInt,
        plan -> Text,
        class -> Text,
        operation -> Text,
        dataset_id -> Text,
        status_class -> Integer,
        requests -> BigInt,
        units -> BigInt,
        bytes -> BigInt,
        errors -> BigInt,
        denied -> BigInt,
        latency_micros -> BigInt,
    }
}

diesel::table! {
    quota_use (party, policy, window_start) {
        party -> BigInt,
        policy -> Text,
        window_start -> BigInt,
        window_secs -> BigInt,
        used -> BigInt,
    }
}

diesel::joinable!(datasets -> publishers (publisher_id));
diesel::joinable!(tables -> datasets (dataset_id));
diesel::joinable!(distribution_files -> datasets (dataset_id));

diesel::allow_tables_to_appear_in_same_query!(
    datasets,
    tables,
    table_versions,
    distribution_files,
    publishers,
    harvest_sources,
    harvest_records,
    jobs,
    applications,
    api_keys,
    accounts,
    sessions,
);
