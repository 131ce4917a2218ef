"""Pure: protocol + display sets -> Plan, with reasons."""
