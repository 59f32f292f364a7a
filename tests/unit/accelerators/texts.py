"""What vendor tools print: short, made for the tests, in the layouts of real ones."""

XML = """<?xml version="1.0" ?>
<!DOCTYPE nvidia_smi_log SYSTEM "nvsmi_device_v{schema}.dtd">
<nvidia_smi_log>
<driver_version>580.10</driver_version><cuda_version>13.0</cuda_version><attached_gpus>{attached}</attached_gpus>
{gpus}
</nvidia_smi_log>
"""

# an Ampere or newer card under a driver of 2024 or later
NEW_GPU = """<gpu id="00000000:3B:00.0">
<product_name>NVIDIA H100 80GB HBM3</product_name><uuid>GPU-1</uuid>
<mig_mode><current_mig>Disabled</current_mig></mig_mode><mig_devices>None</mig_devices>
<gpu_recovery_action>Drain and Reset</gpu_recovery_action>
<pci><pci_bus_id>00000000:3B:00.0</pci_bus_id><pci_device_id>233010DE</pci_device_id><pci_gpu_link_info>
<pcie_gen><max_link_gen>5</max_link_gen><current_link_gen>1</current_link_gen></pcie_gen>
<link_widths><max_link_width>16x</max_link_width><current_link_width>8x</current_link_width></link_widths>
</pci_gpu_link_info></pci>
<clocks_event_reasons><clocks_event_reason_gpu_idle>Not Active</clocks_event_reason_gpu_idle>
<clocks_event_reason_hw_thermal_slowdown>Active</clocks_event_reason_hw_thermal_slowdown></clocks_event_reasons>
<fb_memory_usage><total>81559 MiB</total><reserved>479 MiB</reserved><used>10 MiB</used><free>81070 MiB</free></fb_memory_usage>
<ecc_mode><current_ecc>Enabled</current_ecc></ecc_mode>
<ecc_errors><volatile><sram_correctable>1</sram_correctable><sram_uncorrectable_parity>2</sram_uncorrectable_parity>
<sram_uncorrectable_secded>3</sram_uncorrectable_secded><dram_correctable>4</dram_correctable>
<dram_uncorrectable>5</dram_uncorrectable></volatile>
<aggregate><sram_threshold_exceeded>Yes</sram_threshold_exceeded></aggregate>
<channel_repair_pending>Yes</channel_repair_pending><tpc_repair_pending>No</tpc_repair_pending></ecc_errors>
<remapped_rows><remapped_row_corr>0</remapped_row_corr><remapped_row_unc>2</remapped_row_unc>
<remapped_row_pending>Yes</remapped_row_pending><remapped_row_failure>No</remapped_row_failure></remapped_rows>
<temperature><gpu_temp>42 C</gpu_temp><gpu_temp_tlimit>45 C</gpu_temp_tlimit>
<gpu_temp_slow_tlimit_threshold>-2 C</gpu_temp_slow_tlimit_threshold></temperature>
<gpu_power_readings><average_power_draw>N/A</average_power_draw><instant_power_draw>71.5 W</instant_power_draw>
<current_power_limit>700.00 W</current_power_limit></gpu_power_readings>
<fabric><state>In Progress</state><status>N/A</status></fabric>
<processes><process_info><pid>77</pid><type>C</type><process_name>python --secret x</process_name>
<used_memory>9 MiB</used_memory></process_info></processes>
</gpu>"""

# a Pascal card under a driver of 2018
OLD_GPU = """<gpu id="0000:04:00.0">
<product_name>Tesla P100-PCIE-16GB</product_name><uuid>GPU-2</uuid>
<pci><pci_bus_id>0000:04:00.0</pci_bus_id></pci>
<clocks_throttle_reasons><clocks_throttle_reason_sw_power_cap>Active</clocks_throttle_reason_sw_power_cap></clocks_throttle_reasons>
<fb_memory_usage><total>16280 MiB</total><used>ERR!</used></fb_memory_usage>
<ecc_mode><current_ecc>N/A</current_ecc></ecc_mode>
<ecc_errors><volatile><single_bit><device_memory>1</device_memory><total>3</total></single_bit>
<double_bit><total>N/A</total></double_bit></volatile></ecc_errors>
<retired_pages><multiple_single_bit_retirement><retired_count>1</retired_count></multiple_single_bit_retirement>
<double_bit_retirement><retired_count>0</retired_count></double_bit_retirement>
<pending_blacklist>No</pending_blacklist></retired_pages>
<remapped_rows>N/A</remapped_rows>
<temperature><gpu_temp>38 C</gpu_temp><gpu_temp_slow_threshold>82 C</gpu_temp_slow_threshold></temperature>
<power_readings><power_draw>26.16 W</power_draw><enforced_power_limit>250.00 W</enforced_power_limit></power_readings>
</gpu>"""

QUERY = """
==============NVSMI LOG==============

Timestamp                                 : Mon Jul  8 05:36:06 2024
Driver Version                            : 535.154.05
CUDA Version                              : 12.2

Attached GPUs                             : 1
GPU 00000000:01:00.0
    Product Name                          : NVIDIA A100-SXM4-40GB
    MIG Mode
        Current                           : Enabled
    MIG Device
        Index                             : 0
        GPU Instance ID                   : 2
        Device Attributes
            Shared
                Multiprocessor count      : 42
        FB Memory Usage
            Total                         : 19968 MiB
    GPU UUID                              : GPU-3
    GPU Reset Status
        Reset Required                    : Yes
        Drain and Reset Recommended       : N/A
    PCI
        Device Id                         : 0x20B010DE
        Bus Id                            : 00000000:01:00.0
        GPU Link Info
            PCIe Generation
                Max                       : 4
                Current                   : 4
            Link Width
                Max                       : 16x
                Current                   : 16x
    Clocks Event Reasons
        Idle                              : Active
        HW Slowdown                       : Active
            HW Power Brake Slowdown       : Active
    FB Memory Usage
        Total                             : 40960 MiB
        Used                              : 30 MiB
    ECC Errors
        Volatile
            SRAM Correctable              : 0
            SRAM Uncorrectable            : 7
            DRAM Uncorrectable            : 1
    Remapped Rows
        Correctable Error                 : 0
        Uncorrectable Error               : 1
        Pending                           : No
        Remapping Failure Occurred        : Yes
    Temperature
        GPU Current Temp                  : 30 C
    Processes
        GPU instance ID                   : N/A
        Process ID                        : 11
            Type                          : C
            Name                          : python
            Used GPU Memory               : 5 MiB
        GPU instance ID                   : N/A
        Process ID                        : 12
            Type                          : G
            Name                          : Xorg
            Used GPU Memory               : N/A
"""

TABLE = """
Mon Jan 20 10:18:26 2025
+-----------------------------------------------------------------------------------------+
| NVIDIA-SMI 550.90.07              Driver Version: 550.90.07      CUDA Version: 12.4     |
|-----------------------------------------+------------------------+----------------------+
| GPU  Name                 Persistence-M | Bus-Id          Disp.A | Volatile Uncorr. ECC |
| Fan  Temp   Perf          Pwr:Usage/Cap |           Memory-Usage | GPU-Util  Compute M. |
|                                         |                        |               MIG M. |
|=========================================+========================+======================|
|   0  NVIDIA H100 80GB HBM3          On  |   00000000:19:00.0 Off |                    0 |
| N/A   27C    P0             72W /  700W |       1MiB /  81559MiB |      3%   E. Process |
|                                         |                        |             Disabled |
+-----------------------------------------+------------------------+----------------------+
|   1  NVIDIA GeForce RTX 4080 ...    Off |   00000000:3B:00.0  On |                  N/A |
|ERR!   43C    P8             25W /  320W |     596MiB /  16376MiB |    ERR!      Default |
|                                         |                        |                  N/A |
+-----------------------------------------+------------------------+----------------------+

+-----------------------------------------------------------------------------------------+
| Processes:                                                                              |
|=========================================================================================|
|    1   N/A  N/A      2165    C+G   /usr/bin/kwin_wayland                          25MiB |
+-----------------------------------------------------------------------------------------+
"""

OLD_TABLE = """
+-----------------------------------------------------------------------------+
| NVIDIA-SMI 390.48                 Driver Version: 390.48                    |
|-------------------------------+----------------------+----------------------+
| GPU  Name        Persistence-M| Bus-Id        Disp.A | Volatile Uncorr. ECC |
| Fan  Temp  Perf  Pwr:Usage/Cap|         Memory-Usage | GPU-Util  Compute M. |
|===============================+======================+======================|
|   0  Tesla V100-SXM2...  On   | 00000000:1A:00.0 Off |                    2 |
| N/A   30C    P0    41W / 300W |      0MiB / 32510MiB |      0%      Default |
+-------------------------------+----------------------+----------------------+
|   1  GeForce GTX 1080    TCC  | 0000:02:00.0     Off |                  N/A |
| 27%   30C    P8     6W / 180W |      0MiB /  8119MiB |      0%      Default |
+-------------------------------+----------------------+----------------------+

+-----------------------------------------------------------------------------+
| Processes:                                                       GPU Memory |
|  GPU       PID   Type   Process name                             Usage      |
|=============================================================================|
|    0     12345      C   python3                                    1000MiB |
+-----------------------------------------------------------------------------+
"""

LIST = """GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-3)
  MIG 3g.20gb     Device  0: (UUID: MIG-9)
"""

NVLINK = """GPU 0: NVIDIA A100-SXM4-80GB (UUID: GPU-5)
\t Link 0: 25 GB/s
\t Link 1: <inactive>
"""


def xml(*gpus: str, schema: int = 13, attached: int | None = None) -> str:
    """Return a log of these GPUs."""
    return XML.format(
        schema=schema, gpus="\n".join(gpus), attached=len(gpus) if attached is None else attached
    )
