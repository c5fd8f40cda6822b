CREATE INDEX datasets_publisher_idx ON datasets (publisher_id);
