"""Foreign text made harmless for each markup language: what would act is shown instead."""
