-- Datasets by publisher are found by `datasets_publisher_changed_idx` too, which begins with the publisher.
DROP INDEX datasets_publisher_idx;
