"""VideoSite's domain package: everything the functions do, shipped to them as the common layer."""
