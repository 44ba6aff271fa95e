GRANT SELECT ON notices TO tiny, reporting;
