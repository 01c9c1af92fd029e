"""The edge: tables, objects, queues, secrets and sockets. Everything else calls AWS through here."""
