DROP TABLE query_demand;
