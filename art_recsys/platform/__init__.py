"""Where features and models live: Hopsworks, or the embedded project that answers the same calls."""
