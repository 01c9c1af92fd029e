"""What runs at the CDN's edge, and the tools that bring it there."""
