DROP TABLE dataset_links;
DROP TABLE link_checks;
DROP TABLE dataset_quality;
DROP TABLE follower_positions;
