// Structs of the framework with stubs that the project has asked for.

using System.Numerics;
using System.Threading.Tasks;

[assembly: NativeAllocated(typeof(Matrix4x4), Alignment = 64)]
[assembly: NativeAllocated(typeof(Vector3))]
[assembly: NativeAllocated(typeof(DateTime)), NativeAllocated(typeof(DayOfWeek))]

namespace Valid.Foreign
{
    public sealed unsafe class Camera : IDisposable
    {
        private Matrix4x4* _view = Matrix4x4.Alloc(Matrix4x4.Identity);

        public void LookAt(Vector3 target) => *_view = Matrix4x4.CreateLookAt(Vector3.Zero, target, Vector3.UnitY);

        public void Dispose()
        {
            Matrix4x4.Free(_view);
            _view = null;
        }
    }

    public static unsafe class Bones
    {
        public static float Weigh(int count)
        {
            using Heap heap = new();
            Span<NativePointer<Matrix4x4>> pose = new NativePointer<Matrix4x4>[count];
            Matrix4x4.AllocBatch(heap, pose);
            float sum = 0;
            foreach (NativePointer<Matrix4x4> bone in pose)
            {
                bone.Value = Matrix4x4.Identity;
                sum += bone.Value.M11;
            }

            Matrix4x4.FreeBatch(heap, pose);
            return sum;
        }

        [return: Owned]
        public static Vector3* Copy([Borrowed] Vector3* from) => Vector3.Alloc(in *from);

        public static float Length(Vector3 direction)
        {
            Vector3* kept = Vector3.Alloc(direction);
            try
            {
                Vector3* copy = Copy(kept);
                float length = copy->Length();
                Vector3.Free(copy);
                return length;
            }
            finally
            {
                Vector3.Free(kept);
            }
        }

        public static Vector3 Middle(ReadOnlySpan<Vector3> points)
        {
            Heap heap = new();
            Vector3* sum = Vector3.AllocZeroed(heap);
            foreach (Vector3 point in points)
            {
                *sum += point;
            }

            Vector3 middle = *sum / points.Length;
            heap.Dispose();
            return middle;
        }

        public static NativeOwner<Matrix4x4> World(Vector3 at)
        {
            using NativeOwner<Matrix4x4> world = Matrix4x4.Rent(Matrix4x4.CreateTranslation(at));
            world.Value *= 2;
            return world.Move();
        }
    }

    public static class Clock
    {
        public static async Task<int> Wait()
        {
            await Task.Yield();
            return Today();
        }

        private static int Today()
        {
            using NativeOwner<DateTime> now = DateTime.Rent(DateTime.UnixEpoch);
            using NativeOwner<DayOfWeek> day = DayOfWeekAllocation.Rent(now.Value.DayOfWeek);
            return (int)day.Value;
        }
    }
}
