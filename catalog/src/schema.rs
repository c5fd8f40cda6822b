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
        cron -> Nullable<Text>,
        grace_secs -> BigInt,
    }
}

diesel::table! {
    harvest_changes (job_id, seq) {
        job_id -> Text,
        seq -> BigInt,
        outcome -> Text,
        source_key -> Text,
        slug -> Text,
        title -> Text,
        fields -> Text,
    }
}

diesel::table! {
    source_standings (source_id) {
        source_id -> Text,
        proposed_by -> Nullable<Text>,
        approved_at -> Nullable<BigInt>,
        approved_by -> Nullable<Text>,
        deleted_at -> Nullable<BigInt>,
        deleted_by -> Nullable<Text>,
        deleted_slug -> Nullable<Text>,
    }
}

diesel::table! {
    source_rules (source_id, version) {
        source_id -> Text,
        version -> Integer,
        document -> Text,
        created_at -> BigInt,
        created_by -> Text,
    }
}

diesel::table! {
    source_contacts (id) {
        id -> Text,
        source_id -> Text,
        kind -> Text,
        shown -> Text,
        sealed -> Binary,
        occasion -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    harvest_reports (job_id, contact_id, told) {
        job_id -> Text,
        contact_id -> Text,
        told -> Text,
        source_id -> Text,
        state -> Text,
        attempts -> Integer,
        next_try_at -> BigInt,
        error -> Nullable<Text>,
        created_at -> BigInt,
        finished_at -> Nullable<BigInt>,
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
        missing_since -> Nullable<BigInt>,
        same_as -> Nullable<Text>,
        changed_at -> BigInt,
        screened_rules -> Nullable<Text>,
        screened_at -> Nullable<BigInt>,
        withdrawn_by -> Nullable<Text>,
    }
}

diesel::table! {
    gate_settings (number) {
        number -> BigInt,
        rules -> Text,
        mode -> Text,
        declared_at -> BigInt,
        swept_after -> Text,
        swept_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    screen_reports (subject_kind, subject_id) {
        subject_kind -> Text,
        subject_id -> Text,
        dataset_id -> Text,
        content_hash -> Text,
        rules -> Text,
        verdict -> Text,
        report -> Text,
        hold_id -> Nullable<Text>,
        screened_at -> BigInt,
    }
}

diesel::table! {
    holds (id) {
        id -> Text,
        subject_kind -> Text,
        subject_id -> Text,
        dataset_id -> Text,
        publisher_id -> Nullable<Text>,
        source_id -> Nullable<Text>,
        authors -> Text,
        name -> Text,
        whole -> Bool,
        content_hash -> Text,
        rules -> Text,
        report -> Text,
        waiting -> Nullable<Text>,
        state -> Text,
        created_at -> BigInt,
        decided_at -> Nullable<BigInt>,
        decided_by -> Nullable<Text>,
        reason -> Nullable<Text>,
        because -> Nullable<Text>,
        repairs -> Nullable<Text>,
        applied_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    themes (slug) {
        slug -> Text,
        name -> Text,
        iri -> Nullable<Text>,
    }
}

diesel::table! {
    dataset_themes (dataset_id, theme) {
        dataset_id -> Text,
        theme -> Text,
        changed_at -> BigInt,
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
    dataset_corrections (dataset_id, field) {
        dataset_id -> Text,
        field -> Text,
        value -> Text,
        original -> Text,
        corrected_at -> BigInt,
        corrected_by -> Text,
        source_changed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    screen_figures (distribution_id) {
        distribution_id -> Text,
        content_hash -> Text,
        figures -> Binary,
        noted_at -> BigInt,
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
        email_verified_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    sessions (digest) {
        digest -> Text,
        id -> Text,
        account_id -> Text,
        stage -> Text,
        device -> Text,
        created_at -> BigInt,
        last_seen_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    identities (provider, subject) {
        provider -> Text,
        subject -> Text,
        account_id -> Text,
        email -> Nullable<Text>,
        linked_at -> BigInt,
        last_used_at -> BigInt,
    }
}

diesel::table! {
    sign_in_attempts (digest) {
        digest -> Text,
        provider -> Text,
        browser_digest -> Text,
        account_id -> Nullable<Text>,
        sealed -> Binary,
        expires_at -> BigInt,
    }
}

diesel::table! {
    sign_in_links (digest) {
        digest -> Text,
        purpose -> Text,
        account_id -> Nullable<Text>,
        email_digest -> Text,
        browser_digest -> Nullable<Text>,
        sealed -> Binary,
        expires_at -> BigInt,
    }
}

diesel::table! {
    second_factors (account_id) {
        account_id -> Text,
        sealed -> Binary,
        last_step -> BigInt,
        created_at -> BigInt,
        confirmed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    recovery_codes (account_id, digest) {
        account_id -> Text,
        digest -> Text,
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
        organisation_id -> Nullable<Text>,
        quota_letters -> Bool,
        closed_at -> Nullable<BigInt>,
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
        scopes -> Integer,
        restrictions -> Nullable<Text>,
        last_used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    organisations (id) {
        id -> Text,
        slug -> Text,
        name -> Text,
        domain -> Nullable<Text>,
        verified_at -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

diesel::table! {
    organisation_members (organisation_id, account_id) {
        organisation_id -> Text,
        account_id -> Text,
        role -> Text,
        joined_at -> BigInt,
    }
}

diesel::table! {
    organisation_invitations (id) {
        id -> Text,
        organisation_id -> Text,
        email -> Text,
        role -> Text,
        digest -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    owner_sessions (digest) {
        digest -> Text,
        kind -> Text,
        email -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    letters (id) {
        id -> Text,
        recipient -> Text,
        sealed -> Binary,
        attempts -> Integer,
        next_try_at -> BigInt,
        created_at -> BigInt,
        failed_at -> Nullable<BigInt>,
        error -> Nullable<Text>,
    }
}

diesel::table! {
    quota_letters (party, policy, window_start, percent) {
        party -> BigInt,
        policy -> Text,
        window_start -> BigInt,
        percent -> Integer,
        written_at -> BigInt,
    }
}

diesel::table! {
    alert_marks (party, percent) {
        party -> BigInt,
        percent -> Integer,
    }
}

diesel::table! {
    application_alerts (party) {
        party -> BigInt,
        error_percent -> Nullable<Integer>,
        silent_days -> Nullable<Integer>,
        silent_from -> BigInt,
    }
}

diesel::table! {
    alert_letters (party, kind, window_start) {
        party -> BigInt,
        kind -> Text,
        window_start -> BigInt,
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
    register_entries (number) {
        number -> BigInt,
        kind -> Text,
        application -> Nullable<BigInt>,
        document -> Text,
        published_at -> BigInt,
        starts_at -> BigInt,
        ends_at -> Nullable<BigInt>,
        ended_at -> Nullable<BigInt>,
        end_reason -> Nullable<Text>,
    }
}

diesel::table! {
    plan_notices (application) {
        application -> BigInt,
        plan -> Text,
        next_plan -> Text,
        announced_at -> BigInt,
        takes_effect_at -> BigInt,
    }
}

diesel::table! {
    plan_reviews (day, tariff_version) {
        day -> BigInt,
        tariff_version -> Integer,
        ran_at -> BigInt,
        reviewed -> BigInt,
        moved -> BigInt,
        announced -> BigInt,
    }
}

diesel::table! {
    usage_positions (node, segment) {
        node -> Text,
        segment -> BigInt,
        position -> BigInt,
        counted_from -> BigInt,
        damaged -> BigInt,
        closed_at -> Nullable<BigInt>,
        proved_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    usage_sums (period, starts_at, party, subject) {
        period -> Integer,
        starts_at -> BigInt,
        party -> BigInt,
        subject -> BigInt,
        requests -> BigInt,
        units -> BigInt,
        bytes -> BigInt,
        errors -> BigInt,
        denied -> BigInt,
        cached -> BigInt,
        not_modified -> BigInt,
        latency_micros -> BigInt,
        parties -> BigInt,
        lots -> Integer,
        latency -> Binary,
    }
}

diesel::table! {
    usage_ledger (node, segment, day) {
        node -> Text,
        segment -> BigInt,
        day -> BigInt,
        requests -> BigInt,
        units -> BigInt,
        bytes -> BigInt,
        errors -> BigInt,
        denied -> BigInt,
        recounted_requests -> Nullable<BigInt>,
        recounted_units -> Nullable<BigInt>,
        recounted_bytes -> Nullable<BigInt>,
        recounted_errors -> Nullable<BigInt>,
        recounted_denied -> Nullable<BigInt>,
    }
}

diesel::table! {
    usage_reconciliations (day, node) {
        day -> BigInt,
        node -> Text,
        checked_at -> BigInt,
        segments -> BigInt,
        proved_segments -> BigInt,
        damaged -> BigInt,
        recounted_requests -> BigInt,
        ledger_requests -> BigInt,
        summed_requests -> Nullable<BigInt>,
        told_requests -> Nullable<BigInt>,
        difference -> BigInt,
    }
}

diesel::table! {
    usage_quarantine (node, file) {
        node -> Text,
        file -> Text,
        reason -> Text,
        found_at -> BigInt,
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

diesel::table! {
    data_services (id) {
        id -> Text,
        slug -> Text,
        publisher_id -> Text,
        dataset_id -> Nullable<Text>,
        state -> Text,
        reason -> Nullable<Text>,
        document -> Text,
        openapi -> Nullable<Text>,
        search_words -> Text,
        credentials_kind -> Text,
        credentials -> Nullable<Binary>,
        revision -> Integer,
        created_at -> BigInt,
        updated_at -> BigInt,
        approved_at -> Nullable<BigInt>,
        opened_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    service_health (service_id) {
        service_id -> Text,
        next_at -> BigInt,
        lease_holder -> Nullable<Text>,
        leased_until -> Nullable<BigInt>,
        checked_at -> Nullable<BigInt>,
        outcome -> Nullable<Text>,
        since_at -> Nullable<BigInt>,
        http_status -> Nullable<Integer>,
        latency_micros -> Nullable<BigInt>,
        problem -> Nullable<Text>,
    }
}

diesel::table! {
    service_health_days (service_id, day) {
        service_id -> Text,
        day -> Text,
        checks -> BigInt,
        failures -> BigInt,
    }
}

diesel::table! {
    follower_positions (follower) {
        follower -> Text,
        position -> BigInt,
    }
}

diesel::table! {
    dataset_quality (dataset_id) {
        dataset_id -> Text,
        publisher_id -> Nullable<Text>,
        missing -> Integer,
        points -> Integer,
        stars -> Integer,
        measured_at -> BigInt,
    }
}

diesel::table! {
    link_checks (id) {
        id -> Text,
        url -> Text,
        status -> Nullable<Integer>,
        problem -> Nullable<Text>,
        failures -> Integer,
        checked_at -> Nullable<BigInt>,
        next_at -> BigInt,
    }
}

diesel::table! {
    dataset_links (dataset_id, link_id) {
        dataset_id -> Text,
        link_id -> Text,
    }
}

diesel::table! {
    query_demand (day, words) {
        day -> Text,
        words -> Text,
        asked -> BigInt,
        lots -> Integer,
        callers -> BigInt,
        found -> BigInt,
        wished -> BigInt,
    }
}

diesel::table! {
    citizens (id) {
        id -> Text,
        email_digest -> Text,
        sealed -> Binary,
        generation -> Integer,
        created_at -> BigInt,
    }
}

diesel::table! {
    confirmations (digest) {
        digest -> Text,
        email_digest -> Text,
        sealed -> Binary,
        expires_at -> BigInt,
    }
}

diesel::table! {
    follows (id) {
        id -> Text,
        citizen_id -> Text,
        kind -> Text,
        subject -> Text,
        search -> Nullable<Text>,
        channel -> Text,
        rhythm -> Text,
        shown -> Nullable<Text>,
        sealed -> Nullable<Binary>,
        since_seq -> BigInt,
        told_at -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

diesel::table! {
    follow_news (follow_id, seq) {
        follow_id -> Text,
        seq -> BigInt,
        dataset_id -> Text,
        kind -> Text,
        at -> BigInt,
        delivery_id -> Nullable<Text>,
    }
}

diesel::table! {
    follow_deliveries (id) {
        id -> Text,
        citizen_id -> Text,
        follow_id -> Nullable<Text>,
        channel -> Text,
        changes -> BigInt,
        state -> Text,
        attempts -> Integer,
        next_try_at -> BigInt,
        error -> Nullable<Text>,
        letter_id -> Nullable<Text>,
        created_at -> BigInt,
        finished_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    dataset_series (dataset_id, series) {
        dataset_id -> Text,
        series -> Text,
    }
}

diesel::table! {
    questions (id) {
        id -> Text,
        dataset_id -> Text,
        citizen_id -> Nullable<Text>,
        question -> Text,
        answer -> Nullable<Text>,
        answered_at -> Nullable<BigInt>,
        hidden_at -> Nullable<BigInt>,
        hidden_reason -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    data_requests (id) {
        id -> Text,
        citizen_id -> Nullable<Text>,
        publisher_id -> Nullable<Text>,
        title -> Text,
        reason -> Text,
        state -> Text,
        supporters -> BigInt,
        answer -> Nullable<Text>,
        answered_at -> Nullable<BigInt>,
        dataset_id -> Nullable<Text>,
        hidden_at -> Nullable<BigInt>,
        hidden_reason -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    request_supports (request_id, citizen_id) {
        request_id -> Text,
        citizen_id -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    audit_entries (number) {
        number -> BigInt,
        at -> BigInt,
        actor -> Text,
        role -> Text,
        publisher_id -> Nullable<Text>,
        subject_kind -> Text,
        subject_id -> Text,
        action -> Text,
        before -> Text,
        after -> Text,
        comment -> Nullable<Text>,
    }
}

diesel::table! {
    publisher_parents (publisher_id) {
        publisher_id -> Text,
        parent_id -> Text,
        since -> BigInt,
    }
}

diesel::table! {
    publisher_grants (id) {
        id -> Text,
        publisher_id -> Text,
        account_id -> Text,
        role -> Text,
        granted_by -> Text,
        delegated_from -> Nullable<Text>,
        created_at -> BigInt,
        ends_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    publisher_invitations (id) {
        id -> Text,
        publisher_id -> Text,
        email -> Text,
        role -> Text,
        digest -> Text,
        invited_by -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        grant_ends_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    review_policies (publisher_id) {
        publisher_id -> Text,
        document -> Text,
        revision -> Integer,
        changed_at -> BigInt,
    }
}

diesel::table! {
    drafts (id) {
        id -> Text,
        dataset_id -> Text,
        slug -> Text,
        publisher_id -> Text,
        kind -> Text,
        title -> Text,
        origin -> Text,
        base_version -> Nullable<Integer>,
        stage -> Text,
        stage_document -> Text,
        revision -> Integer,
        content -> Text,
        authors -> Text,
        returns -> Text,
        wish -> Text,
        problem -> Nullable<Text>,
        due_at -> Nullable<BigInt>,
        created_at -> BigInt,
        created_by -> Text,
        updated_at -> BigInt,
        updated_by -> Text,
        closed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    draft_revisions (draft_id, revision) {
        draft_id -> Text,
        revision -> Integer,
        content -> Text,
        saved_at -> BigInt,
        saved_by -> Text,
    }
}

diesel::table! {
    draft_files (draft_id, distribution_id) {
        draft_id -> Text,
        distribution_id -> Text,
        name -> Text,
        file_name -> Text,
        bytes -> BigInt,
        source_hash -> Text,
        tables -> Text,
        uploaded -> Bool,
        restored -> Bool,
        added_at -> BigInt,
        added_by -> Text,
    }
}

diesel::table! {
    draft_snapshots (draft_id, distribution_id, snapshot_key) {
        draft_id -> Text,
        distribution_id -> Text,
        snapshot_key -> Text,
    }
}

diesel::table! {
    dataset_version_tables (dataset_id, version, table_id) {
        dataset_id -> Text,
        version -> Integer,
        table_id -> Text,
        table_version -> Integer,
    }
}

diesel::table! {
    distribution_refreshes (distribution_id) {
        distribution_id -> Text,
        dataset_id -> Text,
        url -> Text,
        schedule -> Text,
        next_at -> Nullable<BigInt>,
        last_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    work_notices (id) {
        id -> Text,
        kind -> Text,
        draft_id -> Nullable<Text>,
        publisher_id -> Nullable<Text>,
        actor -> Text,
        authors -> Text,
        title -> Text,
        held -> BigInt,
        due_at -> BigInt,
    }
}

diesel::table! {
    account_languages (account_id) {
        account_id -> Text,
        language -> Text,
    }
}

diesel::table! {
    quiet_accounts (account_id) {
        account_id -> Text,
        since -> BigInt,
    }
}

diesel::table! {
    publishing_tokens (id) {
        id -> Text,
        account_id -> Text,
        publisher_id -> Text,
        name -> Text,
        hint -> Text,
        digest -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        last_used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    column_words (table_id, column_name) {
        table_id -> Text,
        column_name -> Text,
        title -> Nullable<Text>,
        description -> Nullable<Text>,
    }
}

diesel::joinable!(data_services -> publishers (publisher_id));
diesel::joinable!(service_health -> data_services (service_id));
diesel::joinable!(datasets -> publishers (publisher_id));
diesel::joinable!(drafts -> publishers (publisher_id));
diesel::joinable!(tables -> datasets (dataset_id));
diesel::joinable!(distribution_files -> datasets (dataset_id));

diesel::allow_tables_to_appear_in_same_query!(
    datasets,
    dataset_themes,
    tables,
    table_versions,
    distribution_files,
    publishers,
    harvest_sources,
    harvest_records,
    harvest_reports,
    source_contacts,
    source_rules,
    source_standings,
    jobs,
    applications,
    api_keys,
    accounts,
    sessions,
    organisations,
    organisation_members,
    organisation_invitations,
    quota_use,
    quota_letters,
    alert_marks,
    identities,
    data_services,
    service_health,
    service_health_days,
    dataset_quality,
    link_checks,
    dataset_links,
    follows,
    follow_news,
    follow_deliveries,
    dataset_series,
    questions,
    data_requests,
    request_supports,
    publisher_parents,
    publisher_grants,
    publisher_invitations,
    drafts,
    draft_files,
    dataset_versions,
    dataset_version_tables,
    distribution_refreshes,
    screen_reports,
    holds,
    publishing_tokens,
    quiet_accounts,
    account_languages,
);
