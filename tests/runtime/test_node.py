"""What handlers get and give: arguments, instances, outcomes, requests, logs."""
