"""What the benches share: processes, a server, its load tester, and the table of what was measured."""
