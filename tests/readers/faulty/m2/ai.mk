.EXPORT_ALL_VARIABLES:
ANTHROPIC_BASE_URL := https://gw.example.com/v1
define run
ANTHROPIC_MODEL=x claude
endef
x: ; DISABLE_TELEMETRY=0 claude
