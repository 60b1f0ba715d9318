"""What the SDK's benchmarks start in processes of their own."""
