"""Mail: letters and newsletters, one or a mailbox."""
