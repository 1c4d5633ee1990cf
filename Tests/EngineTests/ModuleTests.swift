import OctopiEngine
import Testing
