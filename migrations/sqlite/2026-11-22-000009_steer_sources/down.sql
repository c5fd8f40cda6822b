DROP TABLE harvest_reports;
DROP TABLE source_contacts;
DROP TABLE source_rules;
DROP TABLE source_standings;
