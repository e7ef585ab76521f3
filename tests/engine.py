"""The DynamoDB engine of the tests is that of the laptop; its clients check their parameters."""

from cli.laptop.engine import create_tables, engine_client, free_port, running_engine

dynamodb_client = engine_client

__all__ = ["create_tables", "dynamodb_client", "engine_client", "free_port", "running_engine"]
