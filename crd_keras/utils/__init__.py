"""Files, downloads, errors and measurements that several packages need."""
