DROP TABLE service_health_days;
DROP TABLE service_health;
DROP TABLE data_services;
