"""Files and tables: networks as JSON, data as CSV."""
